"""Gate 2: may people merge this head? Three-valued, closed on everything that is not known to pass.

Every input is one row with one line that says why and what continues it; the gate is open only if
every row is `pass`. Nothing a model says can turn a row to `pass` by itself.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.gatekeeper import people
from services.gatekeeper.drafting import Verdict, show_paths
from services.gatekeeper.ownership import Ours, TakenOver
from services.gatekeeper.required import Sources, judge_check
from services.gatekeeper.reviewed import LaterTip, ReviewFact, judge_review, judge_tests
from services.gatekeeper.roles import Fleet, Roles, Unreadable
from shared.messages.content import GateInput, Reason
from shared.messages.objects import Check, Review
from shared.policy import RequiredCheck

TESTS_CHECK = "gatefleet/tests"

RUNNING = "the fleet runs"
STOPPED = "the fleet is stopped: {why}; remove the stop to continue"
POLICY = "policy {digest}, read from the base"
LIVE = "approved, and the text is unchanged"
OURS = "every commit is the fleet's"
TAKEN = "{who} took over with {sha}; the fleet adds nothing and judges what stands there"
COMPLETE = "{files:,} file(s), as the forge counts"
INCOMPLETE = "git counts {ours:,} changed files and the forge {theirs:,}; it is read again"
IN_SCOPE = "nothing outside of the scope"
SMALL = "within the limits"
NONE_PROTECTED = "none changed"
PATHS_BY = "{paths}: approved for this head by {who}"
PATHS_WANTED = "{paths} changed; comment `/approve-paths {head}` on the pull request to allow it"
MERGES = "merges cleanly with the base"
CONFLICT = "conflicts with the base; the fleet merges it in a further round"
NO_CHECKS = "the policy requires no check at all; list one under `checks.required`"

_SCOPE = frozenset({"out_of_scope", "outside_brief"})


@dataclass(frozen=True, kw_only=True)
class GateFacts:
    """One pull request of ours as it stands now; `Unreadable` wherever a read failed."""

    head: str
    policy_digest: str | Unreadable
    approval: UUID
    stopped: str | Unreadable | None
    """Why the kill switch is set; None: it is not."""
    regated: Reason | None
    """What `re_gate` says."""
    ownership: Ours | TakenOver | Unreadable
    files: tuple[int, int] | Unreadable
    """Changed files as our git counts them, and as the forge does."""
    change: Verdict | Unreadable
    """`judge_change` over base..head."""
    paths_approved: str | Unreadable | None
    later_tip: LaterTip | Unreadable
    review: ReviewFact | Unreadable | None
    checks: tuple[Check, ...] | Unreadable
    """All of the head's checks and statuses, every page of them."""
    required: tuple[RequiredCheck, ...]
    accept: frozenset[str] = frozenset({"success"})
    reviews: tuple[Review, ...] | Unreadable
    roles: Roles
    fleet: Fleet
    approve: frozenset[str]


@dataclass(frozen=True)
class Evaluation:
    """The table of gate 2, in a fixed order."""

    inputs: tuple[GateInput, ...]

    @property
    def open(self) -> bool:
        """True only if there are rows and every one of them passes."""
        return bool(self.inputs) and all(row.value == "pass" for row in self.inputs)


def evaluate(facts: GateFacts) -> Evaluation:
    """Every input of gate 2, computed anew from the facts: nothing is remembered."""
    required = any(check.name == TESTS_CHECK for check in facts.required)
    judged = judge_review(facts.review, facts.later_tip, bound_to=_bound_to(facts))
    return Evaluation(
        (
            _fleet(facts),
            _policy(facts),
            _approval(facts),
            _commits(facts),
            _files(facts),
            *_change(facts),
            _protected(facts),
            _conflict(facts),
            judged,
            judge_tests(facts.review, judged, required=required),
            *_checks(facts),
            people.judge(
                facts.reviews, roles=facts.roles, fleet=facts.fleet, approve=facts.approve
            ),
        )
    )


def _bound_to(facts: GateFacts) -> tuple[str, str, UUID]:
    digest = facts.policy_digest
    return facts.head, digest if isinstance(digest, str) else "", facts.approval


def _row(name: str, value: Literal["pass", "fail", "unknown"], cause: str) -> GateInput:
    return GateInput(name=name, value=value, cause=cause)


def _fleet(facts: GateFacts) -> GateInput:
    if isinstance(facts.stopped, Unreadable):
        return _row("fleet", "unknown", facts.stopped.cause)
    if facts.stopped is not None:
        return _row("fleet", "fail", STOPPED.format(why=facts.stopped))
    return _row("fleet", "pass", RUNNING)


def _policy(facts: GateFacts) -> GateInput:
    if isinstance(facts.policy_digest, Unreadable):
        return _row("policy", "unknown", facts.policy_digest.cause)
    return _row("policy", "pass", POLICY.format(digest=facts.policy_digest[:12]))


def _approval(facts: GateFacts) -> GateInput:
    if facts.regated is None:
        return _row("approval", "pass", LIVE)
    undecided = facts.regated.name == "undecided"
    return _row("approval", "unknown" if undecided else "fail", facts.regated.text)


def _commits(facts: GateFacts) -> GateInput:
    if isinstance(facts.ownership, Unreadable):
        return _row("commits", "unknown", facts.ownership.cause)
    if isinstance(facts.ownership, TakenOver):
        who, sha = facts.ownership.who, facts.ownership.sha[:12]
        return _row("commits", "pass", TAKEN.format(who=who, sha=sha))
    return _row("commits", "pass", OURS)


def _files(facts: GateFacts) -> GateInput:
    if isinstance(facts.files, Unreadable):
        return _row("files", "unknown", facts.files.cause)
    ours, theirs = facts.files
    if ours != theirs:
        return _row("files", "fail", INCOMPLETE.format(ours=ours, theirs=theirs))
    return _row("files", "pass", COMPLETE.format(files=ours))


def _change(facts: GateFacts) -> tuple[GateInput, GateInput]:
    """Scope and size. Every reject that is not about scope counts as one about size and content."""
    if isinstance(facts.change, Unreadable):
        cause = facts.change.cause
        return _row("scope", "unknown", cause), _row("size", "unknown", cause)
    scope = [reason.text for reason in facts.change.rejects if reason.name in _SCOPE]
    size = [reason.text for reason in facts.change.rejects if reason.name not in _SCOPE]
    flags = [reason.text for reason in facts.change.flags if reason.name != "protected"]
    return (
        _row("scope", "fail", "; ".join(scope)) if scope else _row("scope", "pass", IN_SCOPE),
        _row("size", "fail", "; ".join(size))
        if size
        else _row("size", "pass", "; ".join(flags) or SMALL),
    )


def _protected(facts: GateFacts) -> GateInput:
    if isinstance(facts.change, Unreadable):
        return _row("protected", "unknown", facts.change.cause)
    if not facts.change.protected:
        return _row("protected", "pass", NONE_PROTECTED)
    paths = show_paths(facts.change.protected)
    if isinstance(facts.paths_approved, Unreadable):
        return _row("protected", "unknown", facts.paths_approved.cause)
    if facts.paths_approved is None:
        return _row("protected", "fail", PATHS_WANTED.format(paths=paths, head=facts.head))
    return _row("protected", "pass", PATHS_BY.format(paths=paths, who=facts.paths_approved))


def _conflict(facts: GateFacts) -> GateInput:
    if isinstance(facts.later_tip, Unreadable):
        return _row("conflict", "unknown", facts.later_tip.cause)
    if facts.later_tip is LaterTip.CONFLICT:
        return _row("conflict", "fail", CONFLICT)
    return _row("conflict", "pass", MERGES)


def _checks(facts: GateFacts) -> tuple[GateInput, ...]:
    if not facts.required:
        return (_row("checks", "fail", NO_CHECKS),)
    if isinstance(facts.checks, Unreadable):
        cause = facts.checks.cause
        return tuple(_row(f"check:{c.name}", "unknown", cause) for c in facts.required)
    sources = Sources(facts.fleet, facts.accept)
    return tuple(
        judge_check(wanted, facts.checks, head=facts.head, sources=sources)
        for wanted in facts.required
    )
