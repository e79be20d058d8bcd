"""Does an approval of the ledger still stand?"""

from dataclasses import dataclass

from services.gatekeeper.facts import History, IssueFacts, Record
from services.gatekeeper.granting import UNLABELED, has_label, taken_back, untouched
from services.gatekeeper.reading import read_again
from services.gatekeeper.roles import Unreadable, may_approve, role_of
from shared.messages.content import Reason, Snapshot
from shared.snapshot import Approve, parse

CLOSED = "the issue was closed; reopen it and approve again"
LOCKED = "the conversation was locked; unlock it and approve again"
DELETED = "the comment that approved was deleted; approve again"
EDITED = "the comment that approved was edited; approve again"
EXPIRED = "the approval was older than the policy allows; approve again"
TEXT = "the text changed: {old} was approved, now it is {new}; read it and approve again"
ROLE = "{who} may not approve any more (role {role}); somebody who may must approve again"
FOUR_EYES = (
    "{who} wrote the issue, and this repository asks for four eyes; somebody else must approve"
)
NO_EVENT = "the event of the approving label is not in the timeline as it was read now"


@dataclass(frozen=True)
class Keep:
    """The approval stands."""


@dataclass(frozen=True)
class Revoke:
    """The approval is over. `snapshot`: what an agent would read now, where the text changed."""

    reason: Reason
    snapshot: Snapshot | None = None


@dataclass(frozen=True)
class Undecided:
    """Something could not be read: allow nothing, change nothing, try again."""

    cause: str


def closed_or_locked(facts: IssueFacts) -> Reason | Undecided | None:
    """Why the issue as it stands carries no approval; a close by our own merge is no revocation."""
    if facts.issue.locked:
        return Reason(name="locked", text=LOCKED)
    if facts.issue.state == "open":
        return None
    if isinstance(facts.history, Unreadable):
        return Undecided(facts.history.cause)
    closes = [event for event in facts.history.timeline if event.event == "closed"]
    last = max(closes, key=lambda event: event.at, default=None)
    if last is not None and last.closed_by in facts.own_closers:
        return None
    return Reason(name="closed", text=CLOSED)


def standing(record: Record, facts: IssueFacts) -> Keep | Revoke | Undecided:
    """Whether `record` holds now. What needs no role is looked at first, so that it always revokes."""
    stopped = closed_or_locked(facts)
    if isinstance(stopped, Reason):
        return Revoke(stopped)
    if stopped is not None:
        return stopped
    if isinstance(facts.history, Unreadable):
        return Undecided(facts.history.cause)
    if facts.now >= record.expires_at:
        return Revoke(Reason(name="expired", text=EXPIRED))
    kind = record.approver.source.partition(":")[0]
    back = taken_back(facts, facts.history, kind=kind, since=record.approver.at)
    if back is not None:
        return Revoke(back)
    source = _source(record, facts, facts.history, kind)
    if isinstance(source, Undecided):
        return source
    if source is not None:
        return Revoke(source)
    return _text(record, facts, facts.history)


def _text(record: Record, facts: IssueFacts, history: History) -> Keep | Revoke | Undecided:
    now = read_again(facts, history, frozen=record.snapshot)
    if now.digest != record.digest:
        text = TEXT.format(old=record.digest[:16], new=now.digest[:16])
        return Revoke(Reason(name="text_changed", text=text), now)
    who = record.approver
    role = role_of(facts.roles, who.id)
    if isinstance(role, Unreadable):
        return Undecided(role.cause)
    if who.id in facts.fleet.user_ids or not may_approve(role, facts.policy.approve):
        return Revoke(Reason(name="role", text=ROLE.format(who=who.login, role=role.name)))
    if facts.policy.four_eyes and who.id == facts.issue.author.id:
        return Revoke(Reason(name="four_eyes", text=FOUR_EYES.format(who=who.login)))
    return Keep()


def _source(
    record: Record, facts: IssueFacts, history: History, kind: str
) -> Reason | Undecided | None:
    """What became of the label or comment that approved; None: it stands as it was."""
    if kind == "label":
        if not has_label(facts):
            label = facts.policy.approved_label
            return Reason(name="unlabeled", text=UNLABELED.format(label=label))
        known = {f"label:{event.id}" for event in history.timeline}
        return None if record.approver.source in known else Undecided(NO_EVENT)
    for comment in history.comments:
        if f"comment:{comment.id}" != record.approver.source or comment.deleted:
            continue
        same = untouched(comment, history) and isinstance(parse(comment.body), Approve)
        return None if same else Reason(name="approval_edited", text=EDITED)
    return Reason(name="approval_deleted", text=DELETED)
