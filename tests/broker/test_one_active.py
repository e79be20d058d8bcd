"""Two instances on one database: one is active, whatever happens to it; one effect for each message."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.store import Store
from tests.broker.instances import Begin, Instance, on_the_bus
from tests.bus.effects import all_done, hear, prepare
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import World, running, sealed, stopped
from tests.databases import Database, database

__all__ = ["database"]

pytestmark = pytest.mark.timeout(300)

A_LIFE = 200
COPIES = 50
COUNTED = 100_000
"""Of a message that was said many times; its number is beyond those of the others."""


async def test_whoever_is_active_is_killed_under_load_and_the_other_goes_on(
    begin: Begin, amqp: World, amqp_vhost: str, database: Database
) -> None:
    gate = amqp.service("gatekeeper")
    gate.hears(hear)
    await prepare(gate)
    watching = database.store()
    active = await _competitor(begin, amqp_vhost, database)
    await active.said("service_started")
    stands_by = await _competitor(begin, amqp_vhost, database)
    await stands_by.said("standing_by")
    await watching.open()
    total = 0
    copies_of = Rabbit(amqp_vhost).inject_copies
    async with running(gate):
        for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            await amqp.tell(gate, *(stopped(str(n)) for n in range(total, total + A_LIFE)))
            total += A_LIFE
            while len(await _done(watching)) < total - A_LIFE // 2:
                await asyncio.sleep(0.001)
            active.send(how)
            await copies_of(sealed(stopped(str(COUNTED + total))), COPIES)
            await active.ended()
            active = stands_by
            await active.said("took_over")
            stands_by = await _competitor(begin, amqp_vhost, database)
            await stands_by.said("standing_by")
        copies = [str(COUNTED + A_LIFE * life) for life in (1, 2, 3)]
        expected = [*map(str, range(total)), *copies]
        await all_done(amqp, len(expected), gate)
        assert await amqp.dead() == []
        assert await _done(watching) == await _done(gate.store) == expected
    for each in (active, stands_by):
        each.send(signal.SIGTERM)
        assert await each.ended() == 0
    await watching.close()


@pytest.fixture
def schedulers(database: Database) -> Iterator[Database]:
    """Where schedulers keep their state: in PostgreSQL each service has a schema of its own name."""
    yield database
    if database.schema:
        engine = database.engine()
        with engine.begin() as connection:
            connection.exec_driver_sql("drop schema if exists scheduler cascade")
        engine.dispose()


async def test_two_schedulers_as_processes_have_one_active_and_the_other_takes_over(
    schedulers: Database, begin: Begin, amqp_vhost: str, tmp_path: Path
) -> None:
    first = await _scheduler(begin, amqp_vhost, "a", schedulers, tmp_path)
    await first.said("service_started")
    second = await _scheduler(begin, amqp_vhost, "b", schedulers, tmp_path)
    await second.said("standing_by")
    first.send(signal.SIGKILL)
    await first.ended()
    await second.said("took_over")
    await second.said("service_started")
    third = await _scheduler(begin, amqp_vhost, "c", schedulers, tmp_path)
    await third.said("standing_by")
    third.send(signal.SIGTERM)  # who only stands by can be stopped, and takes nothing with it
    assert await third.ended() == 0
    second.send(signal.SIGTERM)
    assert await second.ended() == 0


async def _done(store: Store) -> list[str]:
    """The effects of whoever is active, from beside it."""
    query = text("select why from effects")
    return sorted(await store.run(lambda session: list(session.scalars(query))), key=int)


async def _competitor(begin: Begin, url: str, database: Database) -> Instance:
    where = [database.url, database.schema] if database.schema else [database.url]
    # the same name: as two replicas have it
    return await begin("tests.broker.competitor", url, "1", *where)


async def _scheduler(
    begin: Begin, url: str, instance: str, database: Database, state: Path
) -> Instance:
    given = {**on_the_bus(url, str(state)), "GATEFLEET_SCHEDULER_INSTANCE": instance}
    if database.schema:
        given["GATEFLEET_SCHEDULER_DATABASE_URL"] = database.url
    return await begin("services.scheduler", **given)
