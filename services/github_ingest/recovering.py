"""Deliveries that never arrived: asked for again, where the forge can send them again."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from services.github_ingest.deliveries import arrived
from services.github_ingest.looks import Look, Recover
from services.github_ingest.tables import REDELIVERIES
from services.github_ingest.timetable import Pace, Row, plan, standing
from shared.forge.facts import Delivery
from shared.forge.port import Reader
from shared.jobs import JobContext, Outcome
from shared.store import Handling, Store

log = structlog.get_logger()

LOOK_BACK = timedelta(days=3)
"""What the forge still has; after that only the reconcile knows."""
OVERLAP = timedelta(hours=1)
MOST_TIMES = 3
"""A delivery that we refuse is refused again: it is not asked for without end."""


class Recovering:
    """The duty `recover`."""

    def __init__(self, reader: Reader, store: Store, *, pace: Pace) -> None:
        self._reader = reader
        self._store = store
        self._pace = pace

    async def recover(self, _job: Recover, at: JobContext) -> Outcome[Look]:
        """Ask once more for each failed delivery; a forge that cannot is left alone."""
        began = at.clock.now()
        if not (await self._reader.capabilities()).redelivery:
            return lambda handling: self._done(handling, began, [])
        before = await self._store.run(lambda session: standing(session, "recover"))
        since = max(
            before.since - OVERLAP if before.since else began - LOOK_BACK, began - LOOK_BACK
        )
        failed = await self._reader.failed_deliveries(since)
        wanted = await self._store.run(lambda session: _worth_it(session, failed))
        for delivery in wanted:
            await self._reader.redeliver(delivery.id)
            log.info("redelivery_asked", delivery=delivery.guid, github_event=delivery.event,
                     next="the forge sends it once more")  # fmt: skip
        return lambda handling: self._done(handling, began, wanted)

    def _done(self, handling: Handling, began: datetime, asked: list[Delivery]) -> list[Look]:
        for delivery in asked:
            _count(handling, delivery.guid)
        every = self._pace.recover or self._pace.reconcile
        plan(handling.session, "recover", handling.now + every, Row(since=began))
        return []


def _worth_it(session: Session, failed: tuple[Delivery, ...]) -> list[Delivery]:
    """Those that are not here after all, and were not asked for too often."""
    here = arrived(session, [guid for each in failed if (guid := _uuid(each.guid)) is not None])
    rows = session.execute(
        select(REDELIVERIES.c.guid, REDELIVERIES.c.times).where(
            REDELIVERIES.c.guid.in_([each.guid for each in failed])
        )
    )
    times = {row.guid: row.times for row in rows}
    return [
        each
        for each in failed
        if _uuid(each.guid) not in here and times.get(each.guid, 0) < MOST_TIMES
    ]


def _count(handling: Handling, guid: str) -> None:
    here = REDELIVERIES.c.guid == guid
    changed = handling.session.execute(
        update(REDELIVERIES)
        .where(here)
        .values(times=REDELIVERIES.c.times + 1, last_at=handling.now)
    )
    if not getattr(changed, "rowcount", 0):
        handling.session.execute(
            insert(REDELIVERIES).values(guid=guid, times=1, last_at=handling.now)
        )


def _uuid(guid: str) -> UUID | None:
    try:
        return UUID(guid)
    except ValueError:
        return None
