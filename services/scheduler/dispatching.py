"""Dispatch what there is room for. Called at the end of every handler that may have made room."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.scheduler import money
from services.scheduler.ranking import Candidate, Room, choose
from services.scheduler.records import LIVE, policy_of
from services.scheduler.requests import Request, build
from services.scheduler.resting import rest
from services.scheduler.tables import Issue, Repository, Run
from shared.messages import Repo
from shared.messages.content import RunKind
from shared.messages.work import IssueParked
from shared.policy import Policy
from shared.store import Handling

Dispatched: TypeAlias = Request | IssueParked

DAY = timedelta(days=1)
CAP_ISSUE = "{count} runs in 24 hours: the limit of one issue (limits.runs_per_issue_per_day)"
CAP_REPOSITORY = "{count} runs in 24 hours: the limit of this repository (limits.runs_per_day)"
CAP_WORDS = "raise it in .gatefleet.yml and comment `/gatefleet retry`"
OR_WAIT = "{words}, or wait until then"


@dataclass(frozen=True)
class Blocked:
    """Why a run is not dispatched although there is a place, and until when, if time mends it."""

    why: str
    until: datetime | None


def dispatch(at: Handling, repo: Repo) -> list[Dispatched]:
    """Send what is wanted, in order, as far as limits and money allow."""
    repository = at.session.get(Repository, repo.id)
    if repository is None or not repository.head_sha or not goes(repository):
        return []
    policy = policy_of(repository)
    said: list[Dispatched] = []
    for candidate in choose(_candidates(at, repository, policy), _room(at, repository, policy)):
        run = at.session.get_one(Run, candidate.run)
        blocked = _capped(at, repository, policy, run) or _reserve(at, policy, run)
        if blocked is None:
            said.append(_send(at, repository, policy, run))
        elif run.issue is not None:
            words = CAP_WORDS if blocked.until is None else OR_WAIT.format(words=CAP_WORDS)
            said += rest(
                at, repository.repo, run.issue, blocked.why, words=words, until=blocked.until
            )
        else:
            run.not_before = blocked.until or at.now + DAY
    return said


def goes(repository: Repository) -> bool:
    """Whether anything may be asked of agents: not stopped, and the doctor said yes."""
    return repository.stopped is None and bool(repository.protected)


def queue(session: Session, repository: Repository) -> list[Run]:
    """Wanted runs that may go: of approvals that live, where work does not rest, at the head that
    stands there now. After a takeover only reviews go on."""
    of_issue = (Issue.repo_id == Run.repo_id) & (Issue.number == Run.issue)
    goes_on = (Issue.phase == "open") | (
        (Issue.phase == "taken_over") & (Run.kind == RunKind.REVIEW.value)
    )
    query = select(Run).outerjoin(Issue, of_issue).where(
        Run.repo_id == repository.id,
        Run.state == "wanted",
        Run.issue.is_(None) | (
            (Issue.approval == Run.approval) & Issue.rest.is_(None) & goes_on
            & (Run.head.is_(None) | (Run.head == Issue.head))
        ),
    )  # fmt: skip
    return list(session.scalars(query))


def _candidates(at: Handling, repository: Repository, policy: Policy) -> list[Candidate]:
    found: list[Candidate] = []
    for run in queue(at.session, repository):
        if run.not_before > at.now:
            continue
        issue = at.session.get(Issue, (repository.id, run.issue)) if run.issue else None
        found.append(Candidate(
            run.id, RunKind(run.kind), run.issue,
            rank=policy.labels.rank(frozenset(issue.labels)) if issue else 0,
            since=issue.approved_at if issue else run.wanted_at, wanted_at=run.wanted_at,
        ))  # fmt: skip
    return found


def _room(at: Handling, repository: Repository, policy: Policy) -> Room:
    live = list(at.session.scalars(
        select(Run).where(Run.repo_id == repository.id, Run.state.in_(LIVE))
    ))  # fmt: skip
    opened = at.session.scalar(
        select(func.count()).select_from(Issue).where(
            Issue.repo_id == repository.id, Issue.phase == "open", Issue.pull_request.is_not(None)
        )
    ) or 0  # fmt: skip
    working = sum(run.kind == RunKind.IMPLEMENTATION for run in live)
    return Room(
        runs=policy.limits.concurrent_runs - len(live),
        pull_requests=policy.limits.open_pull_requests - opened - working,
        busy=frozenset(run.issue for run in live if run.issue is not None),
    )


def _capped(at: Handling, repository: Repository, policy: Policy, run: Run) -> Blocked | None:
    recent = select(func.count(), func.min(Run.sent_at)).where(
        Run.repo_id == repository.id, Run.sent_at > at.now - DAY
    )  # fmt: skip
    limits = policy.limits
    caps = [(recent, limits.runs_per_day, CAP_REPOSITORY)]
    if run.issue is not None:
        of_issue = recent.where(Run.issue == run.issue)
        caps.append((of_issue, limits.runs_per_issue_per_day, CAP_ISSUE))
    for query, limit, words in caps:
        count, first = at.session.execute(query).one()
        if count >= limit:
            return Blocked(words.format(count=count), first + DAY if first else None)
    return None


def _reserve(at: Handling, policy: Policy, run: Run) -> Blocked | None:
    """Reserve the run's money; else why there is none. An earlier generation that nobody accounted
    for has spent what it reserved."""
    run.spent_micros += run.reserved_micros
    run.reserved_micros = 0
    at.session.flush()
    charged = func.coalesce(func.sum(Run.reserved_micros + Run.spent_micros), 0)
    of_day = select(charged).where(Run.repo_id == run.repo_id, Run.sent_at > at.now - DAY)
    of_issue = select(charged).where(Run.approval == run.approval)
    spent = money.Spent(
        issue=int(at.session.scalar(of_issue) or 0) if run.approval else 0,
        day=int(at.session.scalar(of_day) or 0),
    )
    reserved = money.reserve(policy, spent)
    if isinstance(reserved, money.UsedUp):
        return Blocked(reserved.why, at.now + DAY if reserved.for_a_day else None)
    run.reserved_micros = reserved
    return None


def _send(at: Handling, repository: Repository, policy: Policy, run: Run) -> Request:
    run.generation = max(int(at.now.timestamp() * 1000), run.generation + 1)
    run.state = "sent"
    run.sent_at = at.now
    run.holder = None
    run.usage = None
    run.end = run.reason = ""
    run.lease_s = policy.limits.lease.total_seconds()
    run.lease_until = None
    run.finished = run.drafted = run.answered = run.carried_out = False
    request = build(at.session, repository, run)
    run.request = request.model_dump_json()
    at.session.flush()
    return request
