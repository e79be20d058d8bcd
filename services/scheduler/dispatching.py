"""Dispatch what there is room for. Called at the end of every handler that may have made room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import func, select

from services.scheduler.caps import DAY, Blocked, capped, reserve
from services.scheduler.ranking import Decision, decide
from services.scheduler.records import policy_of
from services.scheduler.requests import Request, build
from services.scheduler.resting import rest
from services.scheduler.tables import Dispatch, Repository, Run
from services.scheduler.telling import tell
from services.scheduler.waiting import candidates, room
from shared.messages.work import IssueParked, QueueChanged
from shared.policy import Policy
from shared.store import Handling

Dispatched: TypeAlias = Request | IssueParked | QueueChanged

CAP_WORDS = "raise it in .gatefleet.yml and comment `/gatefleet retry`"
OR_WAIT = "{words}, or wait until then"


@dataclass(frozen=True)
class _Looked:
    """A repository, and what becomes of each run that is wanted there."""

    repository: Repository
    policy: Policy
    decisions: Sequence[Decision]


def dispatch(at: Handling) -> list[Dispatched]:
    """Send what is wanted, in order, as far as limits and money allow.

    Places of the fleet go round: the repository that was served longest ago has the next one.
    """
    at.session.flush()
    said: list[Dispatched] = []
    looked = _look(at)
    while (goes := _first(looked)) is not None:
        said += _send_or_hold(at, *goes)
        looked = _look(at)
    for each in looked:
        said += tell(at, each.repository, each.decisions)
    return said


def _look(at: Handling) -> list[_Looked]:
    last = select(func.max(Dispatch.sent_at)).where(
        Dispatch.repo_id == Repository.id
    ).scalar_subquery()  # fmt: skip
    in_turn = select(Repository).order_by(last.is_not(None), last, Repository.id)
    looked: list[_Looked] = []
    for repository in at.session.scalars(in_turn):
        policy = policy_of(repository)
        wanted = candidates(at.session, repository, policy, at.now)
        decided = decide(wanted, room(at.session, repository, policy, at.now)) if wanted else ()
        looked.append(_Looked(repository, policy, decided))
    return looked


def _first(looked: Sequence[_Looked]) -> tuple[Repository, Policy, UUID] | None:
    """The run that goes next."""
    for each in looked:
        for decision in each.decisions:
            if decision.held is None:
                return each.repository, each.policy, decision.candidate.run
    return None


def _send_or_hold(
    at: Handling, repository: Repository, policy: Policy, identity: UUID
) -> list[Dispatched]:
    run = at.session.get_one(Run, identity)
    blocked = capped(at, policy, run) or reserve(at, policy, run)
    if blocked is not None:
        return _hold(at, repository, run, blocked)
    return [_send(at, repository, policy, run)]


def _hold(at: Handling, repository: Repository, run: Run, blocked: Blocked) -> list[Dispatched]:
    words = CAP_WORDS if blocked.until is None else OR_WAIT.format(words=CAP_WORDS)
    if run.issue is not None:
        return [*rest(
            at, repository.repo, run.issue, blocked.why, words=words, until=blocked.until
        )]  # fmt: skip
    run.not_before, run.held = blocked.until or at.now + DAY, blocked.why
    at.session.flush()
    return []


def _send(at: Handling, repository: Repository, policy: Policy, run: Run) -> Request:
    run.generation = max(int(at.now.timestamp() * 1000), run.generation + 1)
    run.state = "sent"
    run.sent_at = at.now
    run.holder = None
    run.usage = None
    run.end = run.reason = run.held = ""
    run.lease_s = policy.limits.lease.total_seconds()
    run.lease_until = None
    run.finished = run.drafted = run.answered = run.carried_out = False
    request = build(at.session, repository, run)
    run.request = request.model_dump_json()
    at.session.add(Dispatch(
        run=run.id, generation=run.generation, repo_id=run.repo_id, issue=run.issue,
        sent_at=at.now,
    ))  # fmt: skip
    at.session.flush()
    return request
