"""Pull requests: opened and updated ones want a review, ended ones free the slot."""

from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.ending import cancel_live, cancelled, close, drop, over
from services.scheduler.records import (
    Wanted,
    by_approval,
    end_approval,
    ended,
    issue,
    judged,
    not_yet,
    repository,
    superseded,
    waiting_runs,
    want,
)
from services.scheduler.tables import Issue, Run
from shared.messages import Repo
from shared.messages.content import RunEnd, RunKind
from shared.messages.gate import (
    PullRequestClosed,
    PullRequestOpened,
    PullRequestTakenOver,
    PullRequestUpdated,
)
from shared.messages.ids import review_run
from shared.messages.work import RunCancelled, RunEnded
from shared.store import Handling

MOVED = "another head stands there now"
PUBLISHED = "its draft was published"


def review_opened(
    message: PullRequestOpened, at: Handling
) -> list[Dispatched | RunCancelled | RunEnded]:
    """A first change is up: QA's turn."""
    return _review_head(message, at)


def review_updated(
    message: PullRequestUpdated, at: Handling
) -> list[Dispatched | RunCancelled | RunEnded]:
    """One more round is up: QA's turn again."""
    return _review_head(message, at)


def hand_over(
    message: PullRequestTakenOver, at: Handling
) -> list[Dispatched | RunCancelled | RunEnded]:
    """A person took over: the fleet writes nothing there, and the slot is free."""
    row = issue(at.session, message.repo, message.issue)
    if row is None or (row.phase == "open" and (row.pull_request or 0) < message.pull_request):
        raise not_yet(message.repo, message.issue, f"pull request {message.pull_request}")
    if row.pull_request != message.pull_request:
        return []  # an earlier one
    row.phase = end_approval(at.session, row.approval, "taken_over")
    reason = f"{message.who} took the pull request over"
    return [*cancel_live(at, message.repo, message.issue, reason), *dispatch(at, message.repo)]


def close_issue(
    message: PullRequestClosed, at: Handling
) -> list[Dispatched | RunCancelled | RunEnded]:
    """Merged or closed: the approval has ended, and so has the work."""
    phase = end_approval(at.session, message.approval, "merged" if message.merged else "closed")
    row = by_approval(at.session, message.repo, message.issue, message.approval)
    if row is None:
        return []
    row.phase = phase
    reason = f"the pull request was {row.phase}"
    return [*cancel_live(at, message.repo, message.issue, reason), *dispatch(at, message.repo)]


def want_review(at: Handling, repo: Repo, row: Issue) -> None:
    """Of a head of ours that nobody was asked to judge yet."""
    known = repository(at.session, repo)
    if known is None or not known.head_sha or not (row.pull_request and row.head and row.base):
        return
    review = review_run(repo.id, row.pull_request, row.head, row.base, known.policy_digest)
    want(at, repo.id, Wanted(review, RunKind.REVIEW, issue=row, tip=row.base))


def _review_head(
    message: PullRequestOpened | PullRequestUpdated, at: Handling
) -> list[Dispatched | RunCancelled | RunEnded]:
    row = by_approval(at.session, message.repo, message.issue, message.approval)
    if row is None and ended(at.session, message.approval) is None:
        raise not_yet(message.repo, message.issue, "its approval")
    said = _carried_out(message, at)
    if row is None or row.phase != "open" or superseded(at.session, row, message.head):
        return [*said, *dispatch(at, message.repo)]
    if row.head is not None and message.round < row.round:
        return [*said, *dispatch(at, message.repo)]  # what replaced it was heard first
    row.pull_request, row.head, row.base = message.pull_request, message.head, message.base
    row.round = message.round
    at.session.flush()
    for run in waiting_runs(at.session, message.repo.id, row.number):
        if run.head != row.head:
            said += drop(run, message.repo, MOVED)
    if not judged(at.session, row):
        want_review(at, message.repo, row)
    return [*said, *dispatch(at, message.repo)]


def _carried_out(
    message: PullRequestOpened | PullRequestUpdated, at: Handling
) -> list[Dispatched | RunCancelled | RunEnded]:
    run = at.session.get(Run, message.run)
    if run is None:
        return []
    run.answered = run.carried_out = True
    at.session.flush()
    if run.state not in ("wanted", "sent"):
        return [*over(run, message.repo)]
    # its draft got through after its lease was over, or in a life of which nothing is known here
    said: list[Dispatched | RunCancelled | RunEnded] = []
    if run.state == "sent":
        said.append(cancelled(run, message.repo, PUBLISHED))
    ends = close(run, message.repo, RunEnd.DONE, PUBLISHED)
    return [*said, *ends] if run.generation else []
