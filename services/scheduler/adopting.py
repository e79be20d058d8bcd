"""What an earlier life of the scheduler had begun goes on: nothing beside itself, nothing twice.

The gatekeeper says again what it approved, with the runs it knows of; agents go on saying what they
hold. Whatever of a run is heard before its approval is kept until then.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from sqlalchemy import delete, select

from services.scheduler.money import micros
from services.scheduler.records import LIVE, Wanted, end_approval, issue, met, policy_of, want
from services.scheduler.resting import PAUSED_WORDS
from services.scheduler.tables import Dispatch, Early, Issue, Repository, Run
from shared.messages import Repo, read
from shared.messages.content import KnownRun, RunEnd, RunKind, SoFar, Usage
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.gate import DraftRefused
from shared.messages.work import RunCancelled
from shared.store import Handling

OfRun: TypeAlias = RunProgressed | RunFinished | DraftRefused

PATIENCE = timedelta(minutes=15)
"""Longer than the gatekeeper takes to say again what it approved."""
UNKNOWN = "nobody asked for this run, as far as is known"
EARLIER = "it was dispatched before the scheduler's memory began, and something else took its place"

_IN_ORDER = (RunProgressed.topic, RunFinished.topic, DraftRefused.topic)


def adopt(at: Handling, row: Issue, so_far: SoFar) -> None:
    """Take over the runs under an approval, what they cost, and why work on it rests."""
    row.rest, row.rest_until = so_far.rest or None, so_far.rest_until
    row.rest_words = so_far.rest_words
    row.pull_request = so_far.pull_request
    row.spent_micros = so_far.spent_micros
    if so_far.taken_over:
        row.phase = end_approval(at.session, row.approval, "taken_over")
    unsettled = not so_far.rest or so_far.rest_until is not None
    # What was paused was stopped before it ended, and nobody has accounted for it.
    goes_on = _newest(so_far) if unsettled or so_far.rest_words == PAUSED_WORDS else []
    for known in so_far.known:
        _take(at, row, known, goes_on=known in goes_on)
    account(at, at.session.get_one(Repository, row.repo_id))


def account(at: Handling, repository: Repository) -> None:
    """What runs of an earlier life have spent and nobody has told counts whole, as soon as it is
    known how much that is."""
    at.session.flush()
    whole = micros(policy_of(repository).budget.run)
    unknown = select(Run).where(
        Run.repo_id == repository.id, Run.request == "", Run.generation > 0, Run.usage.is_not(None)
    )
    for run in at.session.scalars(unknown):
        if run.usage is not None and run.usage.known:
            continue
        if run.state in LIVE:
            run.reserved_micros = whole
        elif run.state == "wanted":
            run.spent_micros = max(run.spent_micros, whole)
    at.session.flush()


def _newest(so_far: SoFar) -> list[KnownRun]:
    """Of each kind the run that was dispatched last: it goes on if nothing came of it yet."""
    last = {known.kind: known for known in sorted(so_far.known, key=lambda each: each.generation)}
    if so_far.pull_request is not None:
        last.pop(RunKind.IMPLEMENTATION, None)
    return list(last.values())


def _take(at: Handling, row: Issue, known: KnownRun, *, goes_on: bool) -> None:
    if at.session.get(Run, known.run) is not None:
        return
    want(at, row.repo_id, Wanted(known.run, known.kind, issue=row, tip=known.tip))
    run = at.session.get_one(Run, known.run)
    run.round, run.head = known.round, known.head
    taken_up(at, run, known.generation)  # a live one's holder has until the pickup's timeout
    if known.live:
        return
    run.reserved_micros = 0  # what it cost is in what the approval cost
    if known.carried_out:
        run.state, run.end = "ended", RunEnd.DONE.value
        run.finished = run.drafted = run.answered = run.carried_out = True
    elif goes_on:
        run.state = "wanted"
    else:
        run.state, run.end, run.reason = "ended", RunEnd.CANCELLED.value, EARLIER
        run.finished = True
    at.session.flush()


def too_early(message: OfRun, at: Handling) -> bool:
    """Whether it is of a run that may still become known; then it is kept."""
    if message.issue is None or issue(at.session, message.repo, message.issue) is not None:
        return False
    earlier = at.session.get(Early, (message.run, message.topic))
    at.session.merge(Early(
        run=message.run, topic=message.topic, repo_id=message.repo.id, issue=message.issue,
        body=message.model_dump_json(), heard_at=earlier.heard_at if earlier else at.now,
    ))  # fmt: skip
    at.session.flush()
    return True


def heard_early(at: Handling, repo: Repo, number: int) -> Sequence[OfRun]:
    """What was kept of an issue's runs, in the order in which it counts; it is kept no longer."""
    of_issue = (Early.repo_id == repo.id) & (Early.issue == number)
    rows = sorted(
        at.session.scalars(select(Early).where(of_issue)),
        key=lambda row: _IN_ORDER.index(row.topic),
    )
    messages = list(_read(rows))
    at.session.execute(delete(Early).where(of_issue))
    return messages


def adopt_look(message: RunProgressed | RunFinished, at: Handling) -> Run:
    """A look for proposals has nobody's approval: who holds it is enough to know it by."""
    met(at, message.repo)
    want(at, message.repo.id, Wanted(message.run, RunKind.PROPOSALS))
    run = at.session.get_one(Run, message.run)
    taken_up(at, run, message.generation)
    return run


def taken_up(at: Handling, run: Run, generation: int) -> None:
    """A generation above the last one that is known here was dispatched in an earlier life: it is
    as if it had been sent now."""
    policy = policy_of(at.session.get_one(Repository, run.repo_id))
    run.generation, run.state, run.sent_at = generation, "sent", at.now
    run.usage = Usage(known=False)
    run.lease_s = policy.limits.lease.total_seconds()
    run.reserved_micros = micros(policy.budget.run)
    at.session.merge(Dispatch(
        run=run.id, generation=generation, repo_id=run.repo_id, issue=run.issue,
        sent_at=datetime.fromtimestamp(generation / 1000, UTC),
    ))  # fmt: skip
    at.session.flush()


def strangers(at: Handling, repository: Repository) -> list[RunCancelled]:
    """Whoever works on what nobody has approved for a long time is told to stop."""
    late = (Early.repo_id == repository.id) & (Early.heard_at < at.now - PATIENCE)
    messages = list(_read(at.session.scalars(select(Early).where(late))))
    at.session.execute(delete(Early).where(late))
    return [
        RunCancelled(
            repo=each.repo, run=each.run, generation=each.generation, issue=each.issue,
            reason=UNKNOWN, holder=each.holder,
        )
        for each in messages
        if isinstance(each, RunProgressed)
    ]  # fmt: skip


def _read(rows: Iterable[Early]) -> Iterable[OfRun]:
    for row in rows:
        message = read(row.topic, row.body.encode())
        assert isinstance(message, OfRun)
        yield message
