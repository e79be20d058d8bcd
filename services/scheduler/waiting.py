"""What waits for an agent, and what there is room for: the rows as the decision takes them."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.scheduler.ranking import Candidate, Held, Old, Places, Room
from services.scheduler.records import LIVE
from services.scheduler.tables import Fleet, Issue, Repository, Run
from shared.errors import BadInput
from shared.messages.content import RunKind
from shared.policy import Policy

STOPPED = "the fleet is stopped: {why}"
STOPPED_WORDS = "`gatefleet resume`, or remove the `STOP` file or the label `gatefleet:stop`"
UNSEEN = "the policy and the tip of the repository are not known yet"
UNEXAMINED = "the protection of the repository has not been looked at yet"
OFF = "the fleet is off here: the doctor found the repository not protected enough"
OFF_WORDS = "mend what it found, or accept it by name in .gatefleet.yml (accept)"
NOT_BEGUN = "{table}: has no row; the scheduler was not started as it should be"


def candidates(
    session: Session, repository: Repository, policy: Policy, now: datetime
) -> list[Candidate]:
    """Every run that is wanted, with what holds this one in particular."""
    everywhere = shut(repository)
    found: list[Candidate] = []
    for run, issue in _wanted(session, repository):
        found.append(Candidate(
            run.id, RunKind(run.kind), run.issue,
            rank=policy.labels.rank(frozenset(issue.labels)) if issue else 0,
            since=issue.approved_at if issue else run.wanted_at, wanted_at=run.wanted_at,
            held=everywhere or _rests(run, issue, now),
        ))  # fmt: skip
    return found


def shut(repository: Repository) -> Held | None:
    """Why nothing at all may be asked of agents here: stopped, or the doctor did not say yes."""
    if repository.stopped is not None:
        return Held(STOPPED.format(why=repository.stopped), STOPPED_WORDS)
    if not repository.head_sha:
        return Held(UNSEEN)
    if repository.protected is None:
        return Held(UNEXAMINED)
    return None if repository.protected else Held(OFF, OFF_WORDS)


def room(session: Session, repository: Repository, policy: Policy, now: datetime) -> Room:
    """What there is room for in this repository, and in the fleet."""
    live = session.scalars(
        select(Run).where(Run.repo_id == repository.id, Run.state.in_(LIVE))
    ).all()  # fmt: skip
    everywhere = session.scalar(
        select(func.count()).select_from(Run).where(Run.state.in_(LIVE))
    ) or 0  # fmt: skip
    open_now = list(session.scalars(select(Issue).where(
        Issue.repo_id == repository.id, Issue.phase == "open", Issue.pull_request.is_not(None)
    )))  # fmt: skip
    begun = sum(run.kind == RunKind.IMPLEMENTATION for run in live)
    limits, fleet = policy.limits, fleet_runs(session)
    return Room(
        runs=Places(limits.concurrent_runs, limits.concurrent_runs - len(live)),
        fleet=Places(fleet, fleet - everywhere),
        pull_requests=Places(
            limits.open_pull_requests, limits.open_pull_requests - len(open_now) - begun
        ),
        busy=frozenset(run.issue for run in live if run.issue is not None),
        old=_oldest(open_now, now, policy),
    )


def fleet_runs(session: Session) -> int:
    """How many runs all repositories may have at one time."""
    row = session.get(Fleet, 1)
    if row is None:
        raise BadInput(NOT_BEGUN.format(table=Fleet.__tablename__))
    return row.concurrent_runs


def _wanted(session: Session, repository: Repository) -> list[tuple[Run, Issue | None]]:
    """Of approvals that live, at the head that stands there now. After a takeover only reviews."""
    of_issue = (Issue.repo_id == Run.repo_id) & (Issue.number == Run.issue)
    goes_on = (Issue.phase == "open") | (
        (Issue.phase == "taken_over") & (Run.kind == RunKind.REVIEW.value)
    )
    query = select(Run, Issue).outerjoin(Issue, of_issue).where(
        Run.repo_id == repository.id,
        Run.state == "wanted",
        Run.issue.is_(None) | (
            (Issue.approval == Run.approval) & goes_on
            & (Run.head.is_(None) | (Run.head == Issue.head))
        ),
    )  # fmt: skip
    return [(run, issue) for run, issue in session.execute(query)]


def _rests(run: Run, issue: Issue | None, now: datetime) -> Held | None:
    if issue is not None and issue.rest is not None:
        return Held(issue.rest, issue.rest_words, issue.rest_until)
    if run.not_before > now:
        return Held(run.held, until=run.not_before)
    return None


def _oldest(open_now: list[Issue], now: datetime, policy: Policy) -> Old | None:
    """The pull request that has waited longest for people, if that is too long."""
    waits = [(row.waits_since, row.pull_request) for row in open_now if row.waits_since]
    since, number = min(waits, default=(None, None))
    if since is None or number is None or now - since < policy.limits.pull_request_wait:
        return None
    return Old(number, since)
