"""A stop finishes what is in hand, gives nothing back without need, and can be repeated."""

import asyncio
import threading

import pytest

from shared.bus.driver import Delivery, Driver, Queue
from shared.messages.gate import FleetStopped
from shared.store import Handling
from tests.bus.crashes import Fate, FatefulDriver, FatefulInlet
from tests.bus.worlds import STOPPED, World, running, until


async def test_a_stop_in_mid_batch_loses_nothing_and_doubles_nothing(world: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    gate = world.service("gatekeeper")
    first = world.service("scheduler", store="scheduler")
    second = world.service("scheduler", store="scheduler")
    for each in (first, second):
        each.hears(note)
    async with running(gate):
        await first.start()
        await world.say(gate, *map(str, range(200)))
        await until(lambda: bool(heard))
        await first.stop()
        await second.start()
        await world.settle(gate, second)
        await second.stop()
    counts = [each.deliveries[0].counts for each in (first, second)]
    assert sorted(heard, key=int) == [str(n) for n in range(200)]
    assert sum(each.handled for each in counts) == 200
    assert sum(each.repeated for each in counts) == 0


async def test_a_handler_that_runs_at_the_stop_ends_first(world: World) -> None:
    runs, may_end = threading.Event(), threading.Event()
    heard: list[str] = []

    def slow(message: FleetStopped, at: Handling) -> None:
        runs.set()
        assert may_end.wait(20)
        heard.append(message.why)

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    work.hears(slow)
    async with running(gate, work):
        await world.say(gate, "slow")
        await until(runs.is_set)
        stopping = asyncio.ensure_future(work.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        may_end.set()
        await stopping
        await work.stop()
        assert heard == ["slow"]
        assert work.deliveries[0].counts.handled == 1


async def test_a_graceful_stop_costs_no_message_a_delivery(amqp: World) -> None:
    """What was prefetched is worked off, so nothing left behind counts as delivered before."""
    gate = amqp.service("gatekeeper")
    rests = amqp.service("scheduler")

    def note(message: FleetStopped, at: Handling) -> None: ...

    rests.hears(note)
    async with running(gate):
        await rests.start()
        await amqp.say(gate, *map(str, range(400)))
        await until(lambda: rests.deliveries[0].counts.received > 0)
        await rests.stop()
        counts = rests.deliveries[0].counts
        driver = amqp.make_driver("scheduler")
        await driver.connect("scheduler")
        queue = Queue(f"scheduler.{STOPPED}", (STOPPED,), prefetch=400)
        inlet = await driver.open(queue)
        left: list[Delivery] = []
        while len(left) < 400 - counts.handled:
            left += await inlet.take(400)
        assert {each.attempt for each in left} <= {1}
        assert len(left) + counts.handled == 400
        await inlet.close()
        await driver.close()


async def test_a_service_whose_consumer_ended_is_broken_and_not_idle(memory: World) -> None:
    def note(message: FleetStopped, at: Handling) -> None: ...

    work = memory.service("scheduler")
    work.driver = Breaking(work.driver)
    work.hears(note)
    async with running(work):
        with pytest.raises(ZeroDivisionError):
            await work.broken()
        with pytest.raises(ZeroDivisionError):
            await work.idle()


async def test_a_service_is_not_broken_by_a_stop(memory: World) -> None:
    def note(message: FleetStopped, at: Handling) -> None: ...

    work = memory.service("scheduler")
    work.hears(note)
    async with running(work):
        broken = asyncio.ensure_future(work.broken())
        await asyncio.sleep(0)
        assert not broken.done()
    await broken


class Breaking(FatefulDriver):
    """A driver with a mistake in it."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver, Fate(0))

    async def open(self, queue: Queue) -> FatefulInlet:
        """Its inlet raises what nobody expects."""
        return BreakingInlet(await self.inner.open(queue), Fate(0))


class BreakingInlet(FatefulInlet):
    """Raises when it is asked."""

    async def take(self, most: int) -> list[Delivery]:
        """Never."""
        raise ZeroDivisionError(most)
