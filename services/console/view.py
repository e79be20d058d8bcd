"""The current view of an issue, folded from its messages. Pure: the same log gives the same view."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from shared.lifecycle import (
    Blocker,
    Grant,
    IssueFacts,
    PullRequest,
    RunKind,
    Standing,
    explain,
)
from shared.messages import Message
from shared.messages import draft as d
from shared.messages import gate as g
from shared.messages import observed as o
from shared.messages import work as w
from shared.messages.content import CauseKind, Proposal, Verdict
from shared.policy import load

_ENDS = {True: PullRequest.MERGED, False: PullRequest.CLOSED}


@dataclass(frozen=True)
class IssueView:
    """What the log says of one issue."""

    number: int
    title: str = ""
    note: str = ""
    """A proposal's word to the person who decides."""
    doable: bool = True
    """Whether an engine that is configured can do it by itself."""
    approved_by: str | None = None
    digest: str | None = None
    approval: UUID | None = None
    pull_request: int | None = None
    review_rounds: int = 0
    head_sha: str | None = None
    merged_sha: str | None = None
    phase: str = ""
    """The last line that an agent said of its work."""
    facts: IssueFacts = field(default_factory=IssueFacts)

    @property
    def standing(self) -> Standing:
        """Where it stands, why, and the words that continue it."""
        return explain(self.facts)


@dataclass
class Views:
    """All issues of a repository, and what is known beside them."""

    issues: dict[int, IssueView] = field(default_factory=dict)
    proposals: dict[UUID, Proposal] = field(default_factory=dict)
    rounds: int = 3
    stopped: str | None = None

    def take(self, message: Message) -> None:
        """Fold one message in."""
        if isinstance(message, d.IssuesProposed):
            self.proposals |= {each.proposal: each for each in message.proposals}
        elif isinstance(message, o.RepositoryObserved):
            self.rounds = load(message.policy).review.rounds
        elif isinstance(message, g.FleetStopped):
            self.stopped = message.why
        elif isinstance(message, g.FleetResumed):
            self.stopped = None
        number = _number(message)
        fold = _FOLDS.get(type(message))
        if number is None or fold is None:
            return
        view = self.issues.get(number, IssueView(number))
        proposal = (
            self.proposals.get(message.proposal) if isinstance(message, g.IssueOpened) else None
        )
        if proposal is not None:
            view = replace(view, note=proposal.note, doable=proposal.doable)
        self.issues[number] = fold(view, message)

    def shown(self, number: int) -> IssueView:
        """One issue with what holds for all: rounds and the kill switch."""
        view = self.issues[number]
        return replace(view, facts=replace(view.facts, rounds=self.rounds, stopped=self.stopped))


def _number(message: Message) -> int | None:
    number = getattr(message, "issue", None)
    return number if isinstance(number, int) else getattr(number, "number", None)


def _facts(view: IssueView, **changes: Any) -> IssueView:
    return replace(view, facts=replace(view.facts, **changes))


def _observed(view: IssueView, m: o.IssueObserved) -> IssueView:
    view = replace(view, title=m.issue.title)
    return _facts(view, open=m.issue.state == "open")


def _opened(view: IssueView, m: g.IssueOpened) -> IssueView:
    return _facts(replace(view, title=m.title), by_fleet=True, proposed=True)


def _approved(view: IssueView, m: g.IssueApproved) -> IssueView:
    view = replace(
        view, approved_by=m.approver.login, digest=m.digest, approval=m.approval,
        pull_request=None, head_sha=None, review_rounds=0,
    )  # fmt: skip
    return _facts(
        view, approval=Grant.LIVE, pull_request=PullRequest.NONE, pull_request_number=None,
        gate_open=False, blocked_by=(), round=0, changes_wanted=False, run=None,
        needs_person=None, parked=None,
    )  # fmt: skip


def _revoked(view: IssueView, m: g.IssueRevoked) -> IssueView:
    return _facts(view, approval=Grant.ENDED, approval_ended=m.reason.text, run=None)


def _requested(kind: RunKind) -> Callable[[IssueView, Any], IssueView]:
    def fold(view: IssueView, m: Any) -> IssueView:
        round_ = getattr(m, "round", 1)
        return _facts(view, run=kind, round=round_, needs_person=None, parked=None)

    return fold


def _progressed(view: IssueView, m: d.RunProgressed) -> IssueView:
    return replace(view, phase=m.line)


def _stopped_running(view: IssueView, m: Any) -> IssueView:
    return _facts(replace(view, phase=""), run=None)


def _pushed(view: IssueView, m: g.PullRequestOpened | g.PullRequestUpdated) -> IssueView:
    view = replace(view, pull_request=m.pull_request, head_sha=m.head)
    return _facts(
        view, pull_request=PullRequest.OPEN, pull_request_number=m.pull_request, round=m.round,
        changes_wanted=False, gate_open=False, blocked_by=(),
    )  # fmt: skip


def _reviewed(view: IssueView, m: g.ReviewPosted) -> IssueView:
    view = replace(view, review_rounds=view.review_rounds + 1)
    return _facts(view, changes_wanted=m.verdict is not Verdict.PASS)


def _wanted(view: IssueView, m: g.RevisionWanted) -> IssueView:
    return _facts(view, changes_wanted=m.cause.kind is not CauseKind.CONFLICT)


def _evaluated(view: IssueView, m: g.PullRequestEvaluated) -> IssueView:
    blocked = tuple(Blocker(i.name, i.cause) for i in m.inputs if i.value != "pass")
    return _facts(replace(view, head_sha=m.head), gate_open=m.open, blocked_by=blocked)


def _taken_over(view: IssueView, m: g.PullRequestTakenOver) -> IssueView:
    return _facts(view, pull_request=PullRequest.TAKEN_OVER)


def _closed(view: IssueView, m: g.PullRequestClosed) -> IssueView:
    return _facts(replace(view, merged_sha=m.merge_sha), pull_request=_ENDS[m.merged], run=None)


def _parked(view: IssueView, m: w.IssueParked) -> IssueView:
    if m.until is None:
        return _facts(view, needs_person=m.why, needs_person_words=m.next, run=None)
    return _facts(view, parked=m.why, parked_until=m.until, parked_words=m.next, run=None)


_FOLDS: dict[type[Message], Callable[[IssueView, Any], IssueView]] = {
    o.IssueObserved: _observed,
    g.IssueOpened: _opened,
    g.IssueApproved: _approved,
    g.IssueRevoked: _revoked,
    w.ImplementationRequested: _requested(RunKind.IMPLEMENTATION),
    w.RevisionRequested: _requested(RunKind.REVISION),
    w.ReviewRequested: _requested(RunKind.REVIEW),
    d.RunProgressed: _progressed,
    w.RunEnded: _stopped_running,
    w.RunCancelled: _stopped_running,
    g.DraftRefused: _stopped_running,
    g.PullRequestOpened: _pushed,
    g.PullRequestUpdated: _pushed,
    g.ReviewPosted: _reviewed,
    g.RevisionWanted: _wanted,
    g.PullRequestEvaluated: _evaluated,
    g.PullRequestTakenOver: _taken_over,
    g.PullRequestClosed: _closed,
    w.IssueParked: _parked,
}
