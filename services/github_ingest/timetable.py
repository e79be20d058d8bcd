"""When to poll, to reconcile, to recover: pure intervals, and the rows that keep them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from services.github_ingest.looks import Poll, Reconcile, Recover
from services.github_ingest.tables import TIMETABLE
from shared.forge.facts import Rate
from shared.store import Handling

PATIENCE = 4
"""Polls with nothing new before the pause between two begins to double."""
JITTER = 0.1
"""The most that a pause is stretched by, so that many repositories do not ask at once."""
LONGEST = 1 + 2 * JITTER
"""No errand is planned further ahead than the longest pause, stretched by its jitter."""
ALLOWANCE_PERIOD = timedelta(hours=1)
"""A forge's allowance is filled up again within this."""
LEAST_ALLOWANCE = 0.2
"""Below this part of the forge's allowance polling waits: writes need what is left."""

Errand: TypeAlias = Literal["poll", "reconcile", "recover"]

_JOBS: Mapping[Errand, type[Poll | Reconcile | Recover]] = {
    "reconcile": Reconcile,
    "poll": Poll,
    "recover": Recover,
}


@dataclass(frozen=True)
class Pace:
    """How often; `poll` is the shortest pause and `idle` the longest."""

    poll: timedelta
    idle: timedelta
    reconcile: timedelta
    recover: timedelta | None
    """None: no webhooks are received, so none are missed."""


@dataclass(frozen=True)
class Row:
    """Where an errand stands."""

    since: datetime | None = None
    etag: str | None = None
    quiet: int = 0


def pause(pace: Pace, quiet: int, seed: str) -> timedelta:
    """The pause after a poll, the `quiet`th in a row with nothing new; `seed` makes its jitter."""
    doubled = pace.poll * (1 << min(max(0, quiet - PATIENCE), 16))
    part = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") / 2**32
    return min(pace.idle, doubled) * (1 + JITTER * part)


def next_poll(pace: Pace, quiet: int, seed: str, *, now: datetime, rate: Rate | None) -> datetime:
    """When to poll again; after the reset when little of the allowance is left."""
    due = now + pause(pace, quiet, seed)
    if rate is not None and rate.remaining < rate.limit * LEAST_ALLOWANCE:
        return max(due, rate.reset_at)
    return due


class Timetable:
    """The timer's handler: commits the errands that are due."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def tick(self, at: Handling) -> list[Poll | Reconcile | Recover]:
        """The errands that are due. A poll that never ends is asked for again, and is still one."""
        due: list[Poll | Reconcile | Recover] = []
        rows = at.session.execute(select(TIMETABLE.c.what, TIMETABLE.c.due_at))
        known = {row.what: row.due_at for row in rows}
        longest = LONGEST * max(self._pace.idle, self._pace.reconcile, ALLOWANCE_PERIOD)
        for errand, every in self._every().items():
            if errand in known and at.now < known[errand] <= at.now + longest:
                continue  # beyond the longest pause it was written by a clock that was set back
            due.append(_JOBS[errand]())
            plan(at.session, errand, at.now + every)
        return due

    def _every(self) -> dict[Errand, timedelta]:
        pace = self._pace
        every: dict[Errand, timedelta] = {"reconcile": pace.reconcile, "poll": pace.poll}
        return every if pace.recover is None else {**every, "recover": pace.recover}


def plan(session: Session, errand: Errand, due_at: datetime, row: Row | None = None) -> None:
    """Set when an errand is due, and with `row` where it then goes on."""
    values: dict[str, object] = {"due_at": due_at}
    if row is not None:
        values |= {"since": row.since, "etag": row.etag, "quiet": row.quiet}
    here = TIMETABLE.c.what == errand
    if session.scalar(select(TIMETABLE.c.what).where(here)) is None:
        session.execute(insert(TIMETABLE).values(what=errand, **({"quiet": 0} | values)))
    else:
        session.execute(update(TIMETABLE).where(here).values(**values))


def standing(session: Session, errand: Errand) -> Row:
    """Where an errand stands; nowhere yet when it is not known."""
    columns = (TIMETABLE.c.since, TIMETABLE.c.etag, TIMETABLE.c.quiet)
    row = session.execute(select(*columns).where(TIMETABLE.c.what == errand)).first()
    return Row() if row is None else Row(row.since, row.etag, row.quiet)


def due_at_once(session: Session) -> None:
    """A new life begins with a reconcile and a poll, however recent the last ones were."""
    long_ago = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    session.execute(update(TIMETABLE).values(due_at=long_ago))
