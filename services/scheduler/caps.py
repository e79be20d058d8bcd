"""Caps of 24 hours and of money. Whoever reaches one rests until time or a person gives more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.scheduler import money
from services.scheduler.tables import Dispatch, Issue, Run
from shared.policy import Policy
from shared.store import Handling

_CHARGED = func.coalesce(func.sum(Run.reserved_micros + Run.spent_micros), 0)
_EARLIER = select(func.coalesce(func.sum(Issue.spent_micros), 0))

DAY = timedelta(days=1)
CAP_ISSUE = "{count} runs in 24 hours: the limit of one issue (limits.runs_per_issue_per_day)"
CAP_REPOSITORY = "{count} runs in 24 hours: the limit of this repository (limits.runs_per_day)"


@dataclass(frozen=True)
class Blocked:
    """Why a run is not dispatched although there is a place, and until when, if time mends it."""

    why: str
    until: datetime | None


@dataclass(frozen=True)
class Begun:
    """What was begun in the last 24 hours, and when the first of it was."""

    count: int
    first: datetime | None


def over(policy: Policy, *, of_repository: Begun, of_issue: Begun | None = None) -> Blocked | None:
    """The cap that is reached, if one is. Pure. An issue's own cap is named last: it is the one
    that a person can do something about, but the repository's holds every issue."""
    limits = policy.limits
    for begun, limit, words in (
        (of_repository, limits.runs_per_day, CAP_REPOSITORY),
        (of_issue, limits.runs_per_issue_per_day, CAP_ISSUE),
    ):
        if begun is not None and begun.count >= limit:
            until = begun.first + DAY if begun.first else None
            return Blocked(words.format(count=begun.count), until)
    return None


def capped(at: Handling, policy: Policy, run: Run) -> Blocked | None:
    """Whether `run` may begin now, by how many did in the last 24 hours."""
    of_issue = begun(at, run.repo_id, run.issue) if run.issue is not None else None
    return over(policy, of_repository=begun(at, run.repo_id), of_issue=of_issue)


def begun(at: Handling, repo_id: str, issue: int | None = None) -> Begun:
    """What was dispatched in the last 24 hours, of a repository or of one of its issues."""
    query = select(func.count(), func.min(Dispatch.sent_at)).where(
        Dispatch.repo_id == repo_id, Dispatch.sent_at > at.now - DAY
    )
    if issue is not None:
        query = query.where(Dispatch.issue == issue)
    count, first = at.session.execute(query).one()
    return Begun(count, first)


def reserve(at: Handling, policy: Policy, run: Run) -> Blocked | None:
    """Reserve the run's money; else why there is none. An earlier generation that nobody accounted
    for has spent what it reserved."""
    run.spent_micros += run.reserved_micros
    run.reserved_micros = 0
    at.session.flush()
    reserved = money.reserve(policy, _spent(at.session, run, at.now))
    if isinstance(reserved, money.UsedUp):
        return Blocked(reserved.why, at.now + DAY if reserved.for_a_day else None)
    run.reserved_micros = reserved
    return None


def spent_in_a_day(session: Session, repo_id: str, now: datetime) -> int:
    """Millionths of a US dollar, reserved or spent in the last 24 hours by a repository."""
    lately = select(Dispatch.issue).where(Dispatch.repo_id == repo_id, Dispatch.sent_at > now - DAY)
    # When money of an earlier life was spent is not known: it counts for as long as it may matter.
    earlier = _EARLIER.where(Issue.repo_id == repo_id, Issue.number.in_(lately))
    of_day = select(_CHARGED).where(Run.repo_id == repo_id, Run.sent_at > now - DAY)
    return _sum(session, of_day) + _sum(session, earlier)


def _spent(session: Session, run: Run, now: datetime) -> money.Spent:
    day = spent_in_a_day(session, run.repo_id, now)
    if run.approval is None:
        return money.Spent(issue=0, day=day)
    of_issue = select(_CHARGED).where(Run.approval == run.approval)
    earlier = _EARLIER.where(Issue.repo_id == run.repo_id, Issue.approval == run.approval)
    issue = _sum(session, of_issue) + _sum(session, earlier)
    return money.Spent(issue=issue, day=day)


def _sum(session: Session, query: Select[int]) -> int:
    return int(session.scalar(query) or 0)
