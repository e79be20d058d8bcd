"""Gate 1: may an agent work on this issue, and on exactly which text?

A pure decision over everything there is to know now, whatever event made somebody look. Unknown is
closed: what could not be read approves nothing and is tried again. Taking back needs no role, is
looked at before granting, and wins every tie.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.gatekeeper.binding import binds
from services.gatekeeper.facts import History, IssueFacts, Record
from services.gatekeeper.granting import Grant, Void, asked, has_label
from services.gatekeeper.reading import as_shown, read_until, readers_of_note
from services.gatekeeper.roles import Role, Unreadable, first_unreadable, may_approve, role_of
from services.gatekeeper.standing import Keep, Revoke, Undecided, standing
from shared.messages.content import Approver, Reason, Snapshot
from shared.messages.ids import approval_id

NO_ROLE = "{who} has the role {role}; one of {roles} is needed to approve"
SAME_EYES = (
    "{who} wrote the issue, and this repository asks for four eyes; somebody else must approve"
)
NOT_APPROVABLE = "a closed or locked issue cannot be approved; reopen or unlock it first"
NOT_OPEN = "effects are not allowed any more: {why}"


@dataclass(frozen=True)
class Approve:
    """Make a record in the ledger: an agent may work on this snapshot."""

    approval: UUID
    digest: str
    snapshot: Snapshot
    approver: Approver
    expires_at: datetime

    @property
    def source(self) -> str:
        """`comment:<id>` or `label:<event id>`."""
        return self.approver.source


@dataclass(frozen=True)
class Present:
    """Show this text on the issue, what was removed from it, and ask for `/approve <digest>`."""

    digest: str
    snapshot: Snapshot
    why: str


@dataclass(frozen=True)
class RemoveLabel:
    """The label stands there and did not count: remove it and say why."""

    reason: Reason


@dataclass(frozen=True)
class Nothing:
    """Nobody who may has asked for anything; what was tried in vain is recorded."""

    reasons: tuple[Reason, ...] = ()


Decision = Approve | Keep | Revoke | Present | RemoveLabel | Undecided | Nothing


def decide(facts: IssueFacts) -> Decision:
    """What gate 1 says of this issue now. The same facts give the same decision, for ever."""
    if facts.record is not None:
        return standing(facts.record, facts)
    if facts.issue.locked or facts.issue.state == "closed":
        return Nothing((Reason(name="not_open", text=NOT_APPROVABLE),))
    if isinstance(facts.history, Unreadable):
        return Undecided(facts.history.cause)
    grants, voids = asked(facts, facts.history)
    if (unread := first_unreadable(facts.roles, frozenset(g.actor.id for g in grants))) is not None:
        return Undecided(unread.cause)
    eligible = []
    for grant in grants:
        if (reason := _ineligible(grant, facts)) is not None:
            voids.append(Void(grant.kind, reason))
        else:
            eligible.append(grant)
    if not eligible:
        return _discounted(facts, voids)
    notable = readers_of_note(facts, facts.history)
    if (unread := first_unreadable(facts.roles, notable)) is not None:
        return Undecided(unread.cause)
    return _bound(eligible, facts, facts.history, voids)


def re_gate(record: Record, facts: IssueFacts) -> Reason | None:
    """Why no effect may happen under `record` now; None if it may (I-04, I-11, I-13)."""
    decision = standing(record, facts)
    if isinstance(decision, Revoke):
        return decision.reason
    if isinstance(decision, Undecided):
        return Reason(name="undecided", text=NOT_OPEN.format(why=decision.cause))
    if facts.issue.state == "closed":
        return Reason(name="closed", text=NOT_OPEN.format(why="the issue was closed by its merge"))
    return None


def who_matters(facts: IssueFacts) -> frozenset[int]:
    """Ids of the users whose roles `decide` needs: read these, and nobody's for an untouched issue."""
    if facts.record is not None:
        return frozenset({facts.record.approver.id})
    if isinstance(facts.history, Unreadable):
        return frozenset()
    grants, _ = asked(facts, facts.history)
    if not grants:
        return frozenset()
    return frozenset(g.actor.id for g in grants) | readers_of_note(facts, facts.history)


def _ineligible(grant: Grant, facts: IssueFacts) -> Reason | None:
    role = role_of(facts.roles, grant.actor.id)
    if not may_approve(role, facts.policy.approve):
        named = role.name if isinstance(role, Role) else "unknown"
        wanted = ", ".join(sorted(facts.policy.approve))
        text = NO_ROLE.format(who=grant.actor.login, role=named or "none", roles=wanted)
        return Reason(name="role", text=text)
    if facts.policy.four_eyes and grant.actor.id == facts.issue.author.id:
        return Reason(name="four_eyes", text=SAME_EYES.format(who=grant.actor.login))
    return None


def _bound(
    eligible: list[Grant], facts: IssueFacts, history: History, voids: list[Void]
) -> Decision:
    """The first grant that is bound to content approves; else the text is shown, once."""
    for grant in eligible:
        outcome = binds(grant, facts=facts, history=history)
        if isinstance(outcome, Snapshot):
            return _approve(grant, outcome, facts)
        voids.append(Void(grant.kind, outcome))
    shown = as_shown(facts, history)
    if shown is None or facts.presented is None or shown.digest != facts.presented.digest:
        text = read_until(facts, history)
        return Present(text.digest, text, voids[-1].reason.text)
    return _discounted(facts, voids)


def _approve(grant: Grant, text: Snapshot, facts: IssueFacts) -> Approve:
    role = role_of(facts.roles, grant.actor.id)
    approver = Approver(
        id=grant.actor.id,
        login=grant.actor.login,
        role=role.name if isinstance(role, Role) else "",
        at=grant.at,
        source=grant.source,
    )
    return Approve(
        approval=approval_id(facts.repo.id, facts.issue.node_id, text.digest, grant.source),
        digest=text.digest,
        snapshot=text,
        approver=approver,
        expires_at=grant.at + facts.policy.ttl,
    )


def _discounted(facts: IssueFacts, voids: list[Void]) -> RemoveLabel | Nothing:
    """Nothing counted: a label that stands there is taken away, so that it says nothing false."""
    labels = [void.reason for void in voids if void.kind == "label"]
    if has_label(facts) and labels:
        return RemoveLabel(labels[-1])
    return Nothing(tuple(void.reason for void in voids))
