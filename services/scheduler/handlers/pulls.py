"""Pull requests: opened and updated ones want a review, ended ones free the slot."""

from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.ending import cancel_live, drop, posted
from services.scheduler.records import (
    Wanted,
    by_approval,
    end_approval,
    ended,
    is_current,
    issue,
    judged,
    met,
    not_yet,
    repository,
    superseded,
    waiting_runs,
    want,
)
from services.scheduler.tables import Issue, Merged, Run
from shared.messages import Repo
from shared.messages.content import GateInput, RunKind
from shared.messages.gate import (
    PullRequestClosed,
    PullRequestEvaluated,
    PullRequestOpened,
    PullRequestTakenOver,
    PullRequestUpdated,
)
from shared.messages.ids import review_run
from shared.messages.work import RunCancelled, RunEnded
from shared.store import Handling

MOVED = "another head stands there now"
PEOPLES = frozenset({"people", "protected"})
"""Inputs of gate 2 that only a person's word changes."""


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
    if row.phase == "taken_over":
        return []  # said again
    row.phase = end_approval(at.session, row.approval, "taken_over")
    reason = f"{message.who} took the pull request over"
    return [*cancel_live(at, message.repo, message.issue, reason), *dispatch(at)]


def note_gate(message: PullRequestEvaluated, at: Handling) -> list[Dispatched]:
    """Gate 2 as it stands: since when people could act there. What waits for them too long holds
    what is new."""
    row = issue(at.session, message.repo, message.issue)
    if row is None or row.pull_request != message.pull_request or row.phase != "open":
        return []
    if not is_current(at, message.repo, row, message.head):
        return []
    waits = message.open or _waits_for_people(message.inputs) or _needs_a_person(row)
    row.waits_since = (row.waits_since or at.now) if waits else None
    at.session.flush()
    return dispatch(at)


def _waits_for_people(inputs: tuple[GateInput, ...]) -> bool:
    shut = [each for each in inputs if each.value != "pass"]
    return all(each.value == "fail" and each.name in PEOPLES for each in shut)


def _needs_a_person(row: Issue) -> bool:
    return row.rest is not None and row.rest_until is None


def close_issue(
    message: PullRequestClosed, at: Handling
) -> list[Dispatched | RunCancelled | RunEnded]:
    """Merged or closed: the approval has ended, and so has the work."""
    phase = end_approval(at.session, message.approval, "merged" if message.merged else "closed")
    if message.merged:
        _remember_merge(message, at)
    row = by_approval(at.session, message.repo, message.issue, message.approval)
    if row is None:
        return []
    row.phase = phase
    reason = f"the pull request was {row.phase}"
    return [*cancel_live(at, message.repo, message.issue, reason), *dispatch(at)]


def _remember_merge(message: PullRequestClosed, at: Handling) -> None:
    key = (message.repo.id, message.issue)
    if at.session.get(Merged, key) is None:
        tip = met(at, message.repo).head_sha
        at.session.add(Merged(repo_id=message.repo.id, issue=message.issue, tip=tip))
        at.session.flush()


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
        return [*said, *dispatch(at)]
    if row.head is not None and message.round < row.round:
        return [*said, *dispatch(at)]  # what replaced it was heard first
    row.pull_request, row.head, row.base = message.pull_request, message.head, message.base
    row.round = message.round
    row.waits_since = None
    at.session.flush()
    for run in waiting_runs(at.session, message.repo.id, row.number):
        if run.head != row.head:
            said += drop(run, message.repo, MOVED)
    if not judged(at.session, row):
        want_review(at, message.repo, row)
    return [*said, *dispatch(at)]


def _carried_out(
    message: PullRequestOpened | PullRequestUpdated, at: Handling
) -> list[Dispatched | RunCancelled | RunEnded]:
    run = at.session.get(Run, message.run)
    if run is None:
        return []
    run.answered = run.carried_out = True
    at.session.flush()
    return [*posted(run, message.repo)]
