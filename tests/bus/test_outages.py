"""A store that fails for a while, and listeners that are not there: nothing lost, one effect."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.clock import FakeClock
from shared.errors import Refused
from shared.jobs import JobContext, Outcome
from shared.messages.draft import ChangeProposed
from shared.messages.gate import FleetResumed, FleetStopped
from shared.messages.ids import implementation_run
from shared.store import Handling, outbox
from tests.bus.saying import by_a_job
from tests.bus.worlds import REPO, Say, World, running, stopped, until

AWAY = (("inbox", "inbox_away"), ("outbox", "outbox_away"), ("jobs", "jobs_away"))


def _rename(database: Path, pairs: list[tuple[str, str]]) -> None:
    """From a connection of another process's kind, as an operator's mistake would be."""
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        for old, new in pairs:
            connection.execute(f"alter table {old} rename to {new}")


def break_store(database: Path) -> None:
    """Every statement of the bus fails now."""
    _rename(database, list(AWAY))


def mend_store(database: Path) -> None:
    """And goes through again."""
    _rename(database, [(new, old) for old, new in AWAY])


async def test_a_store_that_fails_for_a_while_loses_nothing(world: World) -> None:
    async def say(job: Say, at: JobContext) -> Outcome[FleetResumed]:
        return lambda handling: [FleetResumed(repo=REPO, why=job.why)]

    gate, work, heard = by_a_job(world, say)
    async with running(gate, work):
        await world.say(gate, "before")
        await world.settle(gate, work)
        await world.say(gate, *map(str, range(20)))
        break_store(world.database("scheduler-1"))
        break_store(world.database("gatekeeper-1"))
        for _ in range(3):
            await _a_second(world)
        assert not [each for each in gate._loops() + work._loops() if each.done()]
        mend_store(world.database("gatekeeper-1"))
        mend_store(world.database("scheduler-1"))
        await world.settle(gate, work)
        assert sorted(set(heard)) == sorted(["before", *map(str, range(20))])
        assert work.deliveries[0].counts.handled == 21
        assert await world.dead(gate, work) == []


async def test_a_locked_store_is_waited_for(memory: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    gate, work = memory.service("gatekeeper"), memory.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        with closing(sqlite3.connect(memory.database("scheduler-1"))) as other:
            other.execute("begin immediate")
            await memory.say(gate, "locked out")
            await until(lambda: work.deliveries[0].busy)
            assert heard == []
            other.rollback()
        await memory.settle(gate, work)
        assert heard == ["locked out"]


async def test_a_service_whose_store_is_away_can_be_stopped(memory: World) -> None:
    def note(message: FleetStopped, at: Handling) -> None: ...

    gate, work = memory.service("gatekeeper"), memory.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        break_store(memory.database("scheduler-1"))
        await memory.say(gate, "unlucky")
        await until(lambda: work.deliveries[0].busy)
        await work.stop()
        mend_store(memory.database("scheduler-1"))
        again = memory.service("scheduler")
        again.hears(note)
        async with running(again):
            await memory.settle(gate, again)
            assert again.deliveries[0].counts.handled == 1


async def test_a_statement_that_no_store_takes_is_its_messages_fault(world: World) -> None:
    heard: set[str] = set()

    def note(message: FleetStopped, at: Handling) -> None:
        if message.why == "bad":
            at.session.execute(text("insert into inbox values (null, null, null)"))
        heard.add(message.why)

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await world.say(gate, "a", "bad", "b")
        await until(lambda: work.deliveries[0].counts.retried == 1)
        await until(lambda: heard == {"a", "b"})  # it waits, and they pass


async def test_what_nobody_hears_is_dropped_where_nobody_can_come(memory: World) -> None:
    gate = memory.service("gatekeeper")
    async with running(gate):
        await memory.say(gate, "into the void")
        await memory.settle(gate)
        assert await gate.store.run(outbox.depth) == 0


async def test_what_nobody_hears_is_kept_and_holds_nothing_up(amqp: World) -> None:
    unheard, heard = [], []

    def note(message: FleetResumed, at: Handling) -> None:
        heard.append(message.why)

    def late(message: FleetStopped, at: Handling) -> None:
        unheard.append(message.why)

    gate, work = amqp.service("gatekeeper"), amqp.service("scheduler")
    work.hears(note)
    many = 3 * gate.driver.window
    async with running(gate, work):
        await amqp.tell(gate, *(stopped(str(n)) for n in range(many)))
        await amqp.tell(gate, *(FleetResumed(repo=REPO, why=str(n)) for n in range(50)))
        await until(lambda: len(heard) == 50)
        assert await gate.store.run(outbox.depth) >= many
        comes_late = amqp.service("pm-agent")
        comes_late.hears(late)
        async with running(comes_late):
            await until(lambda: len(unheard) == many)
            await amqp.settle(gate, work, comes_late)
            assert sorted(unheard, key=int) == [str(n) for n in range(many)]


async def test_a_body_over_the_limit_is_refused_where_it_is_said(world: World) -> None:
    ends: list[str] = []

    def admit(message: FleetStopped, at: Handling) -> list[Say]:
        return [Say(why=message.why)]

    async def say(job: Say, at: JobContext) -> Outcome[FleetResumed]:
        return lambda handling: [FleetResumed(repo=REPO, why="x" * (9 * 1024 * 1024))]

    def gave_up(job: Say, reason: str, at: Handling) -> list[FleetResumed]:
        return [FleetResumed(repo=REPO, why=reason)]

    def note(message: FleetResumed, at: Handling) -> None:
        ends.append(message.why)

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    gate.hears(admit)
    gate.does(say, gave_up=gave_up)
    work.hears(note)
    async with running(gate, work):
        with pytest.raises(Refused, match="over the limit"):
            await world.say(gate, "x" * (9 * 1024 * 1024))
        await world.say(gate, "go")
        await world.settle(gate, work)
        assert len(ends) == 1
        assert ends[0].startswith("gate.fleet.resumed.v1: 9,4")
        assert ends[0].endswith("send less")


async def test_a_large_body_arrives(world: World) -> None:
    sizes: list[int] = []

    def take(message: ChangeProposed, at: Handling) -> None:
        sizes.append(len(message.bundle))

    agent, gate = world.service("dev-agent"), world.service("gatekeeper")
    gate.hears(take)
    async with running(agent, gate):
        await world.tell(agent, *(_change(n, 6 * 1024 * 1024) for n in range(3)))
        await world.settle(agent, gate)
        assert sizes == [6 * 1024 * 1024] * 3


def _change(number: int, size: int) -> ChangeProposed:
    return ChangeProposed(
        repo=REPO, run=implementation_run(UUID(int=number)), generation=1, issue=number,
        approval=UUID(int=number), base="0" * 40, bundle=bytes(size),
        at=datetime(2030, 1, 1, tzinfo=UTC), summary="large",
    )  # fmt: skip


async def _a_second(world: World) -> None:
    """Of the world's time, in which everybody may try."""
    if isinstance(world.clock, FakeClock):
        world.clock.advance(1.0)
        for _ in range(20):
            await asyncio.sleep(0.001)
    else:
        await world.clock.sleep(1.0)
