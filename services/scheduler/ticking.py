"""What time does: leases run out, requests are sent again, rests end, the schedule comes round."""

from datetime import timedelta

from sqlalchemy import select

from services.scheduler.dispatching import Dispatched, dispatch, goes
from services.scheduler.ending import cancelled
from services.scheduler.handlers.runs import give_up_or_again
from services.scheduler.records import WAITING, Wanted, policy_of, want
from services.scheduler.requests import again
from services.scheduler.tables import Issue, Repository, Run
from shared.messages.content import RunKind
from shared.messages.ids import proposals_run
from shared.messages.work import RunCancelled, RunEnded
from shared.policy import due
from shared.store import Handling

LEASE_OVER = "{holder} has been silent for longer than its lease"


def tick(at: Handling) -> list[Dispatched | RunCancelled | RunEnded]:
    """Once a second."""
    said: list[Dispatched | RunCancelled | RunEnded] = []
    for repository in at.session.scalars(select(Repository)):
        if not repository.head_sha:
            continue
        said += _expire(at, repository)
        said += _send_again(at, repository)
        _end_rests(at, repository)
        _schedule(at, repository)
        said += dispatch(at, repository.repo)
    return said


def _expire(at: Handling, repository: Repository) -> list[Dispatched | RunCancelled | RunEnded]:
    said: list[Dispatched | RunCancelled | RunEnded] = []
    late = select(Run).where(
        Run.repo_id == repository.id, Run.state == "held", Run.lease_until < at.now
    )
    for run in at.session.scalars(late):
        reason = LEASE_OVER.format(holder=run.holder)
        said.append(cancelled(run, repository.repo, reason))
        said += give_up_or_again(at, repository.repo, run, reason)
    return said


def _send_again(at: Handling, repository: Repository) -> list[Dispatched]:
    """A backlog must not breed generations: the same request goes out as it was."""
    if not goes(repository):
        return []
    wait: timedelta = policy_of(repository).limits.pickup_timeout
    waiting = select(Run).where(
        Run.repo_id == repository.id, Run.state == "sent", Run.sent_at < at.now - wait
    )
    said: list[Dispatched] = []
    for run in at.session.scalars(waiting):
        run.sent_at = at.now
        said.append(again(run))
    return said


def _end_rests(at: Handling, repository: Repository) -> None:
    rested = select(Issue).where(Issue.repo_id == repository.id, Issue.rest_until < at.now)
    for row in at.session.scalars(rested):
        row.rest, row.rest_until, row.rest_words = None, None, ""


def _schedule(at: Handling, repository: Repository) -> None:
    """Missed runs run once; a repository that is new here waits for its next slot."""
    last = repository.last_slot or repository.seen_at
    slot = due(policy_of(repository).schedule, last, at.now)
    if slot is None:
        return
    repository.last_slot = slot.at
    if _one_waits(at, repository):
        return
    run = proposals_run(repository.id, slot.name)
    want(at, repository.id, Wanted(run, RunKind.PROPOSALS))


def _one_waits(at: Handling, repository: Repository) -> bool:
    """A scheduled look that has not ended: another one after it would find the same."""
    query = select(Run.id).where(
        Run.repo_id == repository.id, Run.kind == RunKind.PROPOSALS.value,
        Run.state.in_(WAITING), Run.event.is_(None), Run.focus == "",
    )  # fmt: skip
    return at.session.scalar(query.limit(1)) is not None
