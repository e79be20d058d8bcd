"""Reads one service: what it counted, and what its store holds, when somebody asks."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.bus import Service
from shared.errors import TryLater
from shared.jobs import rows
from shared.observing import catalogue as known
from shared.store.tables import DEAD, OUTBOX
from shared.watching.metrics import Reading, Readings

ASK_S = 1.0
"""A bus or a store that says nothing for so long is left out: the rest must still be seen."""


async def look_at(service: Service) -> list[Reading]:
    """Everything that can be read of it now; never raises for what is away."""
    if service.waits_for:  # it has opened and connected nothing, as it should: nobody need be told
        return [known.STANDS_BY.read(True)]
    return [*_counted(service), *await _of_the_bus(service), *await _of_the_store(service)]


def _counted(service: Service) -> Iterator[Reading]:
    for each in service.deliveries:
        (topic, *_), counts = each.queue.topics, each.counts
        yield known.RECEIVED.read(counts.received, topic)
        yield known.HANDLED.read(counts.handled, topic)
        yield known.REPEATED.read(counts.repeated, topic)
        yield known.HANDLINGS_FAILED.read(counts.failed, topic)
        yield known.RETRIED.read(counts.retried, topic)
        yield known.DEAD.read(counts.dead, topic)
        yield known.LAG.read(counts.lag_s, topic)
        yield known.HANDLING.read(counts.seconds, topic)
        yield known.BATCH.read(counts.batch, topic)
    for (topic, end), count in service.relay.ends.items():
        yield known.PUBLISHED.read(count, topic, end)
    for (kind, end), count in service.worker.ends.items():
        yield known.ATTEMPTS.read(count, kind, end)
    for kind, spread in service.worker.seconds.items():
        yield known.ATTEMPT.read(spread, kind)
    yield known.STORE_FAILURES.read(service.store.failures)


async def _of_the_bus(service: Service) -> list[Reading]:
    connected, ready, parked = False, False, None
    try:
        async with asyncio.timeout(ASK_S):
            connected = not await service.driver.trouble()
            ready = not await service.unready()
            if connected and service.driver.keeps_dead:
                parked = await service.driver.parked()
    except (TimeoutError, TryLater):
        pass  # it is not connected, then: that is what is shown
    shown = [
        known.READY.read(ready), known.STANDS_BY.read(False), known.CONNECTED.read(connected),
        known.BLOCKED.read(bool(service.driver.blocked())),
    ]  # fmt: skip
    return shown if parked is None else [*shown, known.DEAD_LETTERS.read(parked)]


async def _of_the_store(service: Service) -> list[Reading]:
    def work(session: Session) -> list[Reading]:
        return list(_stored(service, session))

    if not service.store.is_open:
        return [known.STORE_ANSWERS.read(False)]
    try:
        async with asyncio.timeout(ASK_S):
            found = await service.store.run(work)
    except (TimeoutError, DBAPIError):
        return [known.STORE_ANSWERS.read(False)]
    return [known.STORE_ANSWERS.read(True), *found]


def _stored(service: Service, session: Session) -> Readings:
    now = service.clock.now()
    yield known.OUTBOX.read(session.scalar(select(func.count()).select_from(OUTBOX)) or 0)
    oldest = session.scalar(select(OUTBOX.c.at).order_by(OUTBOX.c.seq).limit(1))
    yield known.OUTBOX_AGE.read(_age(now, oldest))
    if not service.driver.keeps_dead:
        letters = session.scalar(select(func.count()).select_from(DEAD)) or 0
        yield known.DEAD_LETTERS.read(letters)
    for state, kind, count, since in rows.not_done(session):
        yield known.JOBS.read(count, kind, state)
        if state != rows.FAILED:
            yield known.JOBS_AGE.read(_age(now, since), kind, state)
    for told in service.tells:
        yield from told.of(session, now)


def _age(now: datetime, then: datetime | None) -> float:
    return 0.0 if then is None else max(0.0, (now - then).total_seconds())
