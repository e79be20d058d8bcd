"""Gate 1's word, priorities, and people's commands."""

from services.scheduler.adopting import adopt, heard_early
from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.ending import cancel_live
from services.scheduler.handlers.pulls import want_review
from services.scheduler.handlers.runs import replay
from services.scheduler.records import (
    Wanted,
    by_approval,
    end_approval,
    ended,
    failed_at_head,
    issue,
    judged,
    live_runs,
    met,
    not_yet,
    seen,
    waiting_runs,
    want,
)
from services.scheduler.resting import PAUSED_WORDS, rest, wake
from services.scheduler.tables import Issue, Proposal, SeenIssue
from shared.messages.content import Cause, CauseKind, RunKind, SoFar
from shared.messages.gate import CommandAccepted, IssueApproved, IssueRevoked
from shared.messages.ids import implementation_run, proposals_run, revision_run
from shared.messages.observed import IssueObserved
from shared.messages.work import RunCancelled, RunEnded
from shared.store import Handling

PAUSED = "{who} paused it"
CANCELLED = "{who} cancelled it"
REPLACED = "a new approval took its place"


def admit(message: IssueApproved, at: Handling) -> list[Dispatched | RunCancelled | RunEnded]:
    """An approved issue gets its implementation run, where that was not begun in an earlier life; of
    two approvals the newer one counts."""
    known = issue(at.session, message.repo, message.issue)
    if known is not None and known.approval == message.approval:
        return []  # restated: an ended one stays ended
    said: list[Dispatched | RunCancelled | RunEnded] = []
    if known is not None:
        mine = (message.approver.at, str(message.approval))
        if mine < (known.approved_at, str(known.approval)):
            end_approval(at.session, message.approval, "replaced")
            return []
        said += cancel_live(at, message.repo, message.issue, REPLACED)
        end_approval(at.session, known.approval, "replaced")
        at.session.delete(known)
        at.session.flush()
    row = _row(message, at, phase=ended(at.session, message.approval) or "open")
    _no_proposal_any_more(at, message)
    if row.phase == "open":
        so_far = message.so_far or SoFar()
        adopt(at, row, so_far)
        if so_far.pull_request is None and not _begun(so_far):
            run = implementation_run(message.approval)
            want(at, message.repo.id, Wanted(run, RunKind.IMPLEMENTATION, issue=row))
    for early in heard_early(at, message.repo, message.issue):
        said += replay(early, at)
    return [*said, *dispatch(at)]


def _begun(so_far: SoFar) -> bool:
    return any(known.kind is RunKind.IMPLEMENTATION for known in so_far.known)


def _row(message: IssueApproved, at: Handling, *, phase: str) -> Issue:
    met(at, message.repo)
    newest = seen(at.session, message.repo.id, message.issue)
    newer = newest is not None and newest.updated_at >= message.approver.at
    row = Issue(
        repo_id=message.repo.id, number=message.issue, approval=message.approval,
        snapshot=message.snapshot, approved_at=message.approver.at,
        reserve_micros=message.reserve_micros,
        labels=newest.labels if newest is not None and newer else message.labels,
        phase=phase, rest=None, rest_until=None, rest_words="", pull_request=None, head=None,
        base=None, round=0, asks=None, extra_rounds=0, waits_since=None, spent_micros=0,
    )  # fmt: skip
    at.session.add(row)
    at.session.flush()
    return row


def _no_proposal_any_more(at: Handling, message: IssueApproved) -> None:
    """An approved one is work, no longer a proposal that waits for people."""
    for row in at.session.query(Proposal).filter_by(repo_id=message.repo.id, issue=message.issue):
        row.open = False


def release(message: IssueRevoked, at: Handling) -> list[Dispatched | RunCancelled | RunEnded]:
    """A revoked approval ends its work at once, also when it is heard of before the approval."""
    phase = end_approval(at.session, message.approval, "revoked")
    row = by_approval(at.session, message.repo, message.issue, message.approval)
    if row is None:
        return []
    row.phase = phase
    reason = f"the approval ended: {message.reason.text}"
    return [*cancel_live(at, message.repo, message.issue, reason), *dispatch(at)]


def rerank(message: IssueObserved, at: Handling) -> list[Dispatched]:
    """Labels give the order; a closed proposal makes room for another. An older sight of it than
    the last one changes nothing."""
    now = message.issue
    newest = seen(at.session, message.repo.id, now.number)
    if newest is not None and newest.updated_at > now.updated_at:
        return []
    at.session.merge(SeenIssue(
        repo_id=message.repo.id, number=now.number, updated_at=now.updated_at, state=now.state,
        labels=now.labels,
    ))  # fmt: skip
    row = issue(at.session, message.repo, now.number)
    if row is not None and now.updated_at >= row.approved_at:
        row.labels = now.labels
    for proposal in at.session.query(Proposal).filter_by(repo_id=message.repo.id, issue=now.number):
        proposal.open = now.state == "open" and row is None
    at.session.flush()
    return dispatch(at)


def obey(message: CommandAccepted, at: Handling) -> list[Dispatched | RunCancelled | RunEnded]:
    """A person's command. One for an issue without an approval changes nothing."""
    if message.command == "propose":
        run = proposals_run(message.repo.id, message.id)
        want(at, message.repo.id, Wanted(run, RunKind.PROPOSALS, focus=message.arguments))
        return [*dispatch(at)]
    row = issue(at.session, message.repo, message.issue)
    if message.approval is not None and (row is None or row.approval != message.approval):
        if ended(at.session, message.approval) is None:
            raise not_yet(message.repo, message.issue, "its approval")
        return []  # it was meant for the work of an earlier one
    if row is None or row.phase != "open":
        return []
    said: list[Dispatched | RunCancelled | RunEnded] = []
    who = message.actor.login
    if message.command == "pause":
        said += cancel_live(at, message.repo, row.number, PAUSED.format(who=who), again=True)
        said += rest(at, message.repo, row.number, PAUSED.format(who=who), words=PAUSED_WORDS)
    elif message.command == "cancel":
        said += cancel_live(at, message.repo, row.number, CANCELLED.format(who=who))
        said += rest(at, message.repo, row.number, CANCELLED.format(who=who))
    elif message.command == "resume":
        if row.rest is not None:
            wake(at, message.repo, row.number)
            _go_on(message, at, row)
    elif message.command == "retry":
        wake(at, message.repo, row.number)
        _retry(message, at, row)
    if message.command in ("resume", "retry"):
        _sooner(at, row)
    return [*said, *dispatch(at)]


def _sooner(at: Handling, row: Issue) -> None:
    """What waits for a time does not wait for it any more: a person said so."""
    for run in waiting_runs(at.session, row.repo_id, row.number):
        run.not_before = min(run.not_before, at.now)
    at.session.flush()


def _go_on(message: CommandAccepted, at: Handling, row: Issue) -> None:
    """What rests may have nothing that waits: then what failed last is wanted again, and no more."""
    if waiting_runs(at.session, message.repo.id, row.number) or live_runs(
        at.session, message.repo.id, row.number
    ):
        return
    if row.pull_request is None or failed_at_head(at.session, row) is not None:
        _retry(message, at, row)
    elif row.head is not None and not judged(at.session, row):
        want_review(at, message.repo, row)


def _retry(message: CommandAccepted, at: Handling, row: Issue) -> None:
    """Once more what failed last: from the start, the same review or round, or one more round."""
    if waiting_runs(at.session, message.repo.id, row.number) or live_runs(
        at.session, message.repo.id, row.number
    ):
        return
    if row.pull_request is not None and row.head is None:
        return  # what stands there is about to be heard of
    if row.head is None:
        run = implementation_run(row.approval, message.id)
        want(at, message.repo.id, Wanted(run, RunKind.IMPLEMENTATION, issue=row))
        return
    failed = failed_at_head(at.session, row)
    if failed is not None:
        failed.state, failed.tries, failed.not_before = "wanted", 0, at.now
        at.session.flush()
        return
    row.extra_rounds += 1
    cause = row.asks or Cause(kind=CauseKind.PERSON, id=message.id)
    cause = cause.model_copy(update={"id": message.id, "actor": message.actor.login})
    run = revision_run(row.approval, row.head, message.id)
    wanted = want(at, message.repo.id, Wanted(run, RunKind.REVISION, issue=row, cause=cause))
    if wanted is not None:
        wanted.round = row.round + 1
        row.asks = None
