"""Two instances on one database: one is active, whatever happens to it; one effect for each message."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.store import Store
from tests.bus.effects import all_done, hear, prepare
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import World, running, sealed, stopped
from tests.databases import Database, database

__all__ = ["database"]

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
A_LIFE = 200
COPIES = 50
COUNTED = 100_000
"""Of a message that was said many times; its number is beyond those of the others."""


async def test_whoever_is_active_is_killed_under_load_and_the_other_goes_on(
    amqp: World, amqp_vhost: str, database: Database
) -> None:
    gate = amqp.service("gatekeeper")
    gate.hears(hear)
    await prepare(gate)
    watching = database.store()
    active = await _competitor(amqp_vhost, "1", database)
    await _said(active, "service_started")
    stands_by = await _competitor(
        amqp_vhost, "1", database
    )  # the same name: as two replicas have it
    await _said(stands_by, "standing_by")
    await watching.open()
    total = 0
    copies_of = Rabbit(amqp_vhost).inject_copies
    async with running(gate):
        for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            await amqp.tell(gate, *(stopped(str(n)) for n in range(total, total + A_LIFE)))
            total += A_LIFE
            while len(await _done(watching)) < total - A_LIFE // 2:
                await asyncio.sleep(0.001)
            active.send_signal(how)
            await copies_of(sealed(stopped(str(COUNTED + total))), COPIES)
            await active.wait()
            active = stands_by
            await _said(active, "took_over")
            stands_by = await _competitor(amqp_vhost, "1", database)
            await _said(stands_by, "standing_by")
        copies = [str(COUNTED + A_LIFE * life) for life in (1, 2, 3)]
        expected = [*map(str, range(total)), *copies]
        await all_done(amqp, len(expected), gate)
        assert await amqp.dead() == []
        assert await _done(watching) == await _done(gate.store) == expected
    for each in (active, stands_by):
        each.send_signal(signal.SIGTERM)
        assert await each.wait() == 0
    await watching.close()


async def test_two_schedulers_as_processes_have_one_active_and_the_other_takes_over(
    amqp_vhost: str, database: Database, tmp_path: Path
) -> None:
    first = await _scheduler(amqp_vhost, "a", database, tmp_path)
    await _said(first, "service_started")
    second = await _scheduler(amqp_vhost, "b", database, tmp_path)
    await _said(second, "standing_by")
    first.kill()
    await first.wait()
    await _said(second, "took_over")
    await _said(second, "service_started")
    third = await _scheduler(amqp_vhost, "c", database, tmp_path)
    await _said(third, "standing_by")
    third.send_signal(
        signal.SIGTERM
    )  # who only stands by can be stopped, and takes nothing with it
    assert await third.wait() == 0
    second.send_signal(signal.SIGTERM)
    assert await second.wait() == 0


async def _done(store: Store) -> list[str]:
    """The effects of whoever is active, from beside it."""
    query = text("select why from effects")
    return sorted(await store.run(lambda session: list(session.scalars(query))), key=int)


async def _competitor(url: str, instance: str, database: Database) -> Process:
    where = [database.url, database.schema] if database.schema else [database.url]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.broker.competitor", url, instance, *where,
        stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, cwd=ROOT,
    )  # fmt: skip


async def _scheduler(url: str, instance: str, database: Database, state: Path) -> Process:
    given = {
        "GATEFLEET_STATE": str(state), "GATEFLEET_BUS": url, "GATEFLEET_BUS_IDENTITY": "shared",
        "GATEFLEET_SCHEDULER_INSTANCE": instance,
    }  # fmt: skip
    if database.schema:
        given["GATEFLEET_SCHEDULER_DATABASE_URL"] = database.url
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.scheduler", stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE,
        cwd=ROOT, env=os.environ | given,
    )  # fmt: skip


async def _said(process: Process, word: str) -> None:
    """Wait for a line; the process must not end before."""
    assert process.stderr is not None
    seen = b""
    while word.encode() not in seen:
        line = await process.stderr.readline()
        assert line, f"it ended without {word}: {seen.decode(errors='replace')[-3000:]}"
        seen += line
