"""The job table and what is done to its rows, as plain functions on a session."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from shared.jobs.job import Job
from shared.jobs.picked import Picked
from shared.store import Handling, Migrations, UtcDateTime

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "version_jobs")
STALE_AFTER = timedelta(seconds=60)
"""A running job whose holder has not been heard of for this long may be picked up by another."""

JOBS = Table(
    "jobs",
    MetaData(),
    Column("name", String(300), primary_key=True),
    Column("kind", String(100), nullable=False),
    Column("lane", String(50), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("holder", String(200), nullable=False),
    Column("beat_at", UtcDateTime),
    Column("correlation", String(300), nullable=False),
    Column("trace", String(100), nullable=False),
    Column("cause", Uuid),
    Column("error", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("jobs_due", "state", "lane", "not_before"),
)

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
HELD = "held"
"""Queued for a person to say go on: tried now and then, and nobody waits for it to be done."""
_WAITING = (QUEUED, HELD)


def enqueue(session: Session, job: Job, at: Handling) -> bool:
    """Commit a job to be done; False when its name is known and it is not to be done again."""
    return enqueue_all(session, [(job, at)]) == [True]


def enqueue_all(session: Session, jobs: Sequence[tuple[Job, Handling]]) -> list[bool]:
    """The same for each in turn, with one look at the table and one insert for all that are new."""
    if not jobs:
        return []
    names = [job.name() for job, _ in jobs]
    found = session.execute(
        select(JOBS.c.name, JOBS.c.state, JOBS.c.turn).where(JOBS.c.name.in_(set(names)))
    )
    known = {row.name: (row.state, row.turn) for row in found}
    new: dict[str, dict[str, object]] = {}
    taken = []
    for name, (job, at) in zip(names, jobs, strict=True):
        if name in new:
            if job.coalesce:  # asked for twice in one transaction: it waits, with the later payload
                new[name] |= _asked(job, at)
            taken.append(job.coalesce)
        elif name not in known:
            new[name] = _row(job, at)
            taken.append(True)
        else:
            taken.append(_ask_again(session, job, at, *known[name]))
            if taken[-1] and known[name][0] in (DONE, FAILED):
                known[name] = (QUEUED, known[name][1] + 1)
    if new:
        session.execute(insert(JOBS), list(new.values()))
    return taken


def _ask_again(session: Session, job: Job, at: Handling, state: str, turn: int) -> bool:
    """Ask for a job whose row is there; False when it is not to be done again."""
    if not job.coalesce:
        return False
    fresh = _asked(job, at)
    if state == RUNNING:
        fresh["again"] = True
    elif state in (DONE, FAILED):
        fresh |= _requeued(turn + 1, at.now)
    session.execute(update(JOBS).where(JOBS.c.name == job.name()).values(fresh))
    return True


def pick(session: Session, free: dict[str, int], holder: str, now: datetime) -> list[Picked]:
    """Mark due jobs as running by `holder`, at most `free[lane]` of each lane, oldest first."""
    picked: list[Picked] = []
    due = or_(
        JOBS.c.state.in_(_WAITING) & (JOBS.c.not_before <= now),
        (JOBS.c.state == RUNNING)
        & (JOBS.c.beat_at < now - STALE_AFTER)
        & (JOBS.c.holder != holder),
    )
    for lane, room in free.items():
        if room <= 0:
            continue
        rows = session.execute(
            select(JOBS).where(JOBS.c.lane == lane, due).order_by(JOBS.c.updated_at, JOBS.c.name)
            .limit(room).with_for_update(skip_locked=True)
        ).all()  # fmt: skip
        for row in rows:
            fields = {name: getattr(row, name) for name in Picked.__dataclass_fields__}
            picked.append(Picked(**fields | {"attempts": row.attempts + 1}))
    for each in picked:
        taken = {"state": RUNNING, "holder": holder, "beat_at": now, "attempts": each.attempts}
        session.execute(update(JOBS).where(JOBS.c.name == each.name).values(taken))
    return picked


def _mine(job: Picked) -> ColumnElement[bool]:
    """The row as it was picked: not once another has taken it over (its attempts went on)."""
    return (
        (JOBS.c.name == job.name)
        & (JOBS.c.state == RUNNING)
        & (JOBS.c.turn == job.turn)
        & (JOBS.c.attempts == job.attempts)
    )


def still_mine(session: Session, job: Picked) -> bool:
    """Whether this turn of the job is still this worker's to end."""
    return session.scalar(select(JOBS.c.name).where(_mine(job)).with_for_update()) is not None


def finish(session: Session, job: Picked, now: datetime) -> None:
    """The job is done; one that was asked for again meanwhile is queued once more."""
    _end(session, job, {"state": DONE, "error": ""}, now)


def postpone(
    session: Session, job: Picked, *, until: datetime, error: str, crashed: bool = False,
    held: bool = False,
) -> None:  # fmt: skip
    """Try again at `until`; `held`: a person must say go on, and until then it is not open work."""
    state = HELD if held else QUEUED
    values: dict[str, object] = {"state": state, "not_before": until, "error": error}
    if crashed:
        values["crashes"] = job.crashes + 1
    session.execute(update(JOBS).where(_mine(job)).values(values))


def fail(session: Session, job: Picked, *, error: str, now: datetime) -> None:
    """Never again, unless it is asked for anew, or was meanwhile."""
    _end(session, job, {"state": FAILED, "error": error}, now)


def _end(session: Session, job: Picked, end: dict[str, object], now: datetime) -> None:
    again = session.scalar(select(JOBS.c.again).where(_mine(job)))
    values = _requeued(job.turn + 1, now) if again else end
    session.execute(update(JOBS).where(_mine(job)).values(values | {"updated_at": now}))


def release(session: Session, now: datetime) -> int:
    """A person said go on: what was held is tried now."""
    freed = update(JOBS).where(JOBS.c.state == HELD).values(state=QUEUED, not_before=now)
    return int(getattr(session.execute(freed), "rowcount", 0))


def reclaim(session: Session, holder: str) -> int:
    """After a start: what `holder` had running before it went away is queued again."""
    mine = (JOBS.c.state == RUNNING) & (JOBS.c.holder == holder)
    done = session.execute(update(JOBS).where(mine).values(state=QUEUED))
    return int(getattr(done, "rowcount", 0))


def forget_done(
    session: Session, before: datetime, *, limit: int, kinds: Collection[str] | None = None
) -> int:
    """Drop at most `limit` jobs that ended before then; returns how many.

    `kinds`: only done ones of these; None: of all, given up or done.
    """
    ended = JOBS.c.state.in_((DONE, FAILED)) if kinds is None else JOBS.c.state == DONE
    old = select(JOBS.c.name).where(ended, JOBS.c.updated_at < before)
    if kinds is not None:
        old = old.where(JOBS.c.kind.in_(kinds))
    gone = session.execute(delete(JOBS).where(JOBS.c.name.in_(old.limit(limit))))
    return int(getattr(gone, "rowcount", 0))


def beat(session: Session, names: list[str], now: datetime) -> None:
    """Say that these jobs are still being worked on."""
    if names:
        session.execute(update(JOBS).where(JOBS.c.name.in_(names)).values(beat_at=now))


def open_jobs(session: Session) -> int:
    """How many jobs are queued or running."""
    open_ones = JOBS.c.state.in_((QUEUED, RUNNING))
    return session.scalar(select(func.count()).select_from(JOBS).where(open_ones)) or 0


def not_done(session: Session) -> list[tuple[str, str, int, datetime]]:
    """State, kind, how many, and when the oldest was asked for, of all that are not done."""
    groups = select(JOBS.c.state, JOBS.c.kind, func.count(), func.min(JOBS.c.updated_at))
    groups = groups.where(JOBS.c.state.in_((*_WAITING, RUNNING, FAILED)))
    found = session.execute(groups.group_by(JOBS.c.state, JOBS.c.kind))
    return [(row[0], row[1], row[2], row[3]) for row in found]


@dataclass(frozen=True)
class PutOff:
    """A queued job that is tried again only later, and why."""

    name: str
    correlation: str
    until: datetime
    error: str


def put_off(session: Session, beyond: datetime) -> list[PutOff]:
    """Queued jobs that are not due before `beyond`, the first due first."""
    rows = session.execute(
        select(JOBS.c.name, JOBS.c.correlation, JOBS.c.not_before, JOBS.c.error)
        .where(JOBS.c.state == QUEUED, JOBS.c.not_before >= beyond)
        .order_by(JOBS.c.not_before, JOBS.c.name)
    )
    return [PutOff(*row) for row in rows]


def bring_forward(session: Session, now: datetime) -> None:
    """What is put off is tried now: its time was written by a clock that has been set back since."""
    later = (JOBS.c.state == QUEUED) & (JOBS.c.not_before > now)
    session.execute(update(JOBS).where(later).values(not_before=now))


def next_due(session: Session, now: datetime) -> datetime | None:
    """When the next queued job is due that is not due yet: what is due waits for a place only."""
    due: datetime | None = session.scalar(
        select(func.min(JOBS.c.not_before)).where(
            JOBS.c.state.in_(_WAITING), JOBS.c.not_before > now
        )
    )
    return due


def _row(job: Job, at: Handling) -> dict[str, object]:
    return {
        "name": job.name(),
        "kind": job.kind,
        "lane": job.lane,
        "correlation": job.correlation() or at.correlation,
        "created_at": at.now,
        **_asked(job, at),
        **_requeued(1, at.now),
    }


def _asked(job: Job, at: Handling) -> dict[str, object]:
    """What the last who asks for it decides."""
    return {
        "payload": job.model_dump_json(), "updated_at": at.now, "trace": at.trace,
        "cause": at.causation,
    }  # fmt: skip


def _requeued(turn: int, now: datetime) -> dict[str, object]:
    return {
        "state": QUEUED, "turn": turn, "again": False, "attempts": 0, "crashes": 0,
        "not_before": now, "holder": "", "error": "",
    }  # fmt: skip
