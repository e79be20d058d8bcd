"""A long-running process does not grow: what is of no use any more is forgotten once a day."""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.bus import MemoryBus, Service
from shared.bus.pruning import DAILY, KEEP_HEARD, KEEP_REPEATABLE_JOBS, PAGE
from shared.clock import FakeClock
from shared.jobs import JobContext, Outcome, nothing
from shared.jobs.rows import JOBS
from shared.messages.gate import FleetStopped
from shared.store import Handling, inbox
from shared.store.tables import INBOX
from tests.bus.worlds import STOPPED, Say, World, running, sealed, stopped, until


class Look(Say):
    """Done again whenever it is asked for."""

    kind: ClassVar[str] = "look"
    coalesce: ClassVar[bool] = True

    def name(self) -> str:
        return f"look:{self.why}"


async def test_old_memories_and_ended_jobs_go_when_nothing_can_ask_for_them_again(
    memory: World,
) -> None:
    gate = _gate(memory)
    async with running(gate):
        await memory.say(gate, "old")
        await memory.settle(gate)
        assert await _kept(gate) == (1, ["look:old", "say:old"])
        await _days(memory, gate, KEEP_REPEATABLE_JOBS + DAILY)
        await memory.say(gate, "new")
        await memory.settle(gate)
        assert await _kept(gate) == (2, ["look:new", "say:new", "say:old"])
        await _days(memory, gate, KEEP_HEARD - KEEP_REPEATABLE_JOBS)
        assert await _kept(gate) == (1, ["say:new"])


async def test_what_is_said_again_all_the_time_stays_one_effect(memory: World) -> None:
    """Memories count from the last time it was heard, else it would be new every five weeks."""
    gate = _gate(memory)
    again = sealed(stopped("open"))
    async with running(gate):
        for _ in range(5):
            received = gate.deliveries[0].counts.received
            await memory.inject(again)
            await until(lambda received=received: gate.deliveries[0].counts.received > received)  # type: ignore[misc]
            await memory.settle(gate)
            await _days(memory, gate, KEEP_HEARD / 2)
        counts = gate.deliveries[0].counts
        assert (counts.handled, counts.repeated) == (1, 4)


async def test_many_old_rows_go_page_by_page_in_one_day(memory: World) -> None:
    gate = _gate(memory)
    async with running(gate):
        old = [uuid4() for _ in range(2 * PAGE + 1)]
        heard_at = memory.clock.now() - KEEP_HEARD
        await gate.store.run(lambda session: inbox.first_heard(session, "q", old, heard_at))
        await _days(memory, gate, DAILY)
        assert await _kept(gate) == (0, [])


async def test_the_memory_bus_remembers_only_what_is_under_way() -> None:
    bus = MemoryBus(FakeClock())
    for _ in range(3):
        assert not await bus.publish(sealed(stopped("into the void")))
    assert bus.published == {STOPPED: 3}
    assert bus._counted == set()


def _gate(world: World) -> Service:
    gate = world.service("gatekeeper")

    def admit(message: FleetStopped, at: Handling) -> list[Say | Look]:
        return [Say(why=message.why), Look(why=message.why)]

    async def say(job: Say, at: JobContext) -> Outcome[FleetStopped]:
        return nothing

    async def look(job: Look, at: JobContext) -> Outcome[FleetStopped]:
        return nothing

    gate.hears(admit)
    gate.does(say)
    gate.does(look)
    return gate


async def _days(world: World, gate: Service, days: timedelta) -> None:
    assert isinstance(world.clock, FakeClock)
    await world.settle(gate)  # the tick of the start has ended: the next one is due a day after it
    world.clock.advance(days.total_seconds())
    await world.settle(gate)


async def _kept(gate: Service) -> tuple[int, list[str]]:
    def work(session: Session) -> tuple[int, list[str]]:
        heard: list[UUID] = list(session.scalars(select(INBOX.c.message_id)))
        return len(heard), sorted(session.scalars(select(JOBS.c.name)))

    return await gate.store.run(work)
