"""What asks for another round: QA's verdict, a person, a check, a conflict."""

from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.ending import cancel, drop, posted
from services.scheduler.records import (
    Wanted,
    adopted_revision,
    by_approval,
    ended,
    is_current,
    issue,
    live_runs,
    met,
    not_yet,
    policy_of,
    waiting_runs,
    want,
)
from services.scheduler.resting import rest
from services.scheduler.tables import Issue, Run
from shared.messages import Repo
from shared.messages.content import Cause, CauseKind, RunKind, Verdict
from shared.messages.gate import ReviewPosted, ReviewWanted, RevisionWanted
from shared.messages.ids import review_run, revision_run
from shared.messages.work import RunCancelled, RunEnded
from shared.store import Handling

ROUNDS_USED = "{rounds} rounds are used up and changes are still wanted: {first}"
FAILED = "the review found what another round cannot mend: {first}"
BASE_MOVED = "another head or tip is to be judged instead"
ROUNDS_WORDS = "comment `/gatefleet retry` for one more round, or push to its branch yourself"


def revise_after_review(
    message: ReviewPosted, at: Handling
) -> list[Dispatched | RunCancelled | RunEnded]:
    """QA asked for changes: one more round, while there are rounds."""
    row = issue(at.session, message.repo, message.issue)
    run = at.session.get(Run, message.run)
    if row is None and run is None:
        raise not_yet(message.repo, message.issue, "its approval")
    earlier = row is None or (row.pull_request or 0) > message.pull_request
    current = not earlier and row is not None and is_current(at, message.repo, row, message.head)
    said: list[Dispatched | RunCancelled | RunEnded] = []
    if run is not None:
        run.answered = run.carried_out = True
        said += posted(run, message.repo)
    if row is not None and current and row.phase == "open":
        said += _after_verdict(message, at, row)
    return [*said, *dispatch(at)]


def _after_verdict(message: ReviewPosted, at: Handling, row: Issue) -> list[Dispatched]:
    cause = Cause(kind=CauseKind.REVIEW, id=str(message.run), findings=message.findings)
    if message.verdict is Verdict.FAIL:
        row.asks = cause
        first = message.findings[0].text if message.findings else message.tests.summary
        why = FAILED.format(first=first)
        return [*rest(at, message.repo, row.number, why, words=ROUNDS_WORDS)]
    if message.verdict is Verdict.CHANGES:
        return _revise(at, message.repo, row, cause)
    return []


def mend(message: RevisionWanted, at: Handling) -> list[Dispatched | RunCancelled | RunEnded]:
    """Something that is not QA's finding must be mended."""
    row = _of(message, at)
    if row is None or not is_current(at, message.repo, row, message.head) or row.phase != "open":
        return []
    return [*_revise(at, message.repo, row, message.cause), *dispatch(at)]


def review_again(message: ReviewWanted, at: Handling) -> list[Dispatched | RunCancelled | RunEnded]:
    """The verdict no longer holds for the tip, or a person's head has none: judge it."""
    row = _of(message, at)
    if row is None or row.phase not in ("open", "taken_over"):
        return []
    if row.phase == "taken_over":
        row.head = message.head  # people push what they like; each new head is told like this
    elif not is_current(at, message.repo, row, message.head):
        return []
    known = met(at, message.repo)
    run = review_run(
        message.repo.id, message.pull_request, message.head, message.tip, known.policy_digest
    )
    said: list[Dispatched | RunCancelled | RunEnded] = []
    made = want(at, message.repo.id, Wanted(run, RunKind.REVIEW, issue=row, tip=message.tip))
    if made is not None:
        said += _cancel_reviews(at, message.repo, made)
    return [*said, *dispatch(at)]


def _of(message: RevisionWanted | ReviewWanted, at: Handling) -> Issue | None:
    """The issue while this approval is its latest. TryLater when it may still become that."""
    row = by_approval(at.session, message.repo, message.issue, message.approval)
    if row is None and ended(at.session, message.approval) is None:
        raise not_yet(message.repo, message.issue, "its approval")
    return row


def _revise(at: Handling, repo: Repo, row: Issue, cause: Cause) -> list[Dispatched]:
    assert row.head is not None
    run = revision_run(row.approval, row.head, cause.id)
    rounds = policy_of(met(at, repo)).review.rounds + row.extra_rounds
    granted = adopted_revision(at.session, row)
    if granted is not None and granted.id != run and row.round >= rounds:
        granted.cause = granted.cause or cause  # a person gave it one more round
        return []
    if cause.kind is not CauseKind.CONFLICT and row.round >= rounds:
        first = cause.findings[0].text if cause.findings else cause.log[:200]
        why = ROUNDS_USED.format(rounds=rounds, first=first or cause.kind.value)
        row.asks = cause
        return [*rest(at, repo, row.number, why, words=ROUNDS_WORDS)]
    made = want(at, repo.id, Wanted(run, RunKind.REVISION, issue=row, cause=cause))
    if made is not None:
        made.round = row.round + (cause.kind is not CauseKind.CONFLICT)
        at.session.flush()
    return []


def _cancel_reviews(at: Handling, repo: Repo, made: Run) -> list[RunCancelled | RunEnded]:
    """What judges, or waits to judge, an older head or tip has nothing to say any more."""
    said: list[RunCancelled | RunEnded] = []
    assert made.issue is not None
    for run in live_runs(at.session, repo.id, made.issue):
        if run.kind == RunKind.REVIEW:
            said += cancel(run, repo, BASE_MOVED)
    for run in waiting_runs(at.session, repo.id, made.issue):
        if run.kind == RunKind.REVIEW and run.id != made.id:
            said += drop(run, repo, BASE_MOVED)
    at.session.flush()
    return said
