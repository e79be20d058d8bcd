"""What time does: leases run out, requests are sent again, rests end, the schedule comes round."""

from datetime import timedelta

from sqlalchemy import exists, select

from services.scheduler.adopting import strangers
from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.ending import cancelled
from services.scheduler.handlers.runs import give_up_or_again
from services.scheduler.records import WAITING, Wanted, policy_of, want
from services.scheduler.requests import again
from services.scheduler.tables import Early, Issue, Repository, Run
from services.scheduler.waiting import shut
from shared.messages.content import RunKind
from shared.messages.ids import proposals_run
from shared.messages.work import RunCancelled, RunEnded
from shared.policy import due
from shared.store import Handling

LEASE_OVER = "{holder} has been silent for longer than its lease"

_SOMETHING_WAITS = select(
    exists().where(Run.state.in_(WAITING))
    | exists().where(Issue.rest_until.is_not(None))
    | exists().where(Early.heard_at.is_not(None))
)
"""For a time or for an agent: else a tick would find nothing, every second of an idle fleet."""


def tick(at: Handling) -> list[Dispatched | RunCancelled | RunEnded]:
    """Once a second; of a fleet in which nothing waits, only the schedule is looked at."""
    repositories = list(at.session.scalars(select(Repository)))
    known = [each for each in repositories if each.head_sha]
    for repository in known:
        _schedule(at, repository)
    at.session.flush()
    told = all(each.queue == () for each in repositories)
    if told and not at.session.scalar(_SOMETHING_WAITS):
        return []
    said: list[Dispatched | RunCancelled | RunEnded] = []
    for repository in known:
        said += _expire(at, repository)
        said += _send_again(at, repository)
        said += strangers(at, repository)
        _end_rests(at, repository)
    return [*said, *dispatch(at)]


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
    if shut(repository) is not None:
        return []
    wait: timedelta = policy_of(repository).limits.pickup_timeout
    waiting = select(Run).where(
        Run.repo_id == repository.id, Run.state == "sent", Run.sent_at < at.now - wait
    )
    said: list[Dispatched] = []
    for run in at.session.scalars(waiting):
        if (request := again(at.session, repository, run)) is not None:
            run.sent_at = at.now
            said.append(request)
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
