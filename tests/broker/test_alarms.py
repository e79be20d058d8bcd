"""A broker short of memory or disk: told once, nothing lost, nothing twice, no stop that hangs."""

import asyncio
from collections.abc import Callable

import pytest

from shared.bus import Service
from shared.bus.amqp import AmqpDriver
from shared.errors import TryLater
from shared.messages.gate import FleetStopped
from shared.store import Handling, outbox
from tests.broker_node import BrokerNode
from tests.bus.effects import all_done, effects, pair, prepare
from tests.bus.worlds import World, running, stopped, until

pytestmark = pytest.mark.timeout(240)

MANY = 400
ALARMS: dict[str, tuple[Callable[[BrokerNode], None], Callable[[BrokerNode], None]]] = {
    "memory": (BrokerNode.starve_of_memory, BrokerNode.feed_memory),
    "disk": (BrokerNode.starve_of_disk, BrokerNode.feed_disk),
}


@pytest.mark.parametrize("short_of", ALARMS)
async def test_an_alarm_under_load_is_told_once_and_costs_nothing(
    world: World, node: BrokerNode, short_of: str, capsys: pytest.CaptureFixture[str]
) -> None:
    starve, feed = ALARMS[short_of]
    gate, work = pair(world)
    await prepare(gate, work)
    async with running(gate, work):
        await world.tell(gate, *(stopped(str(n)) for n in range(MANY)))
        await until(lambda: work.deliveries[0].counts.handled > 0)
        await asyncio.to_thread(starve, node)
        try:
            await world.tell(gate, *(stopped(str(n)) for n in range(MANY, 2 * MANY)))
            await until(lambda: short_of in _driver(gate).blocked())
            assert not await gate.idle()
            await asyncio.to_thread(node.ctl, "status")  # time passes, and nothing is said again
        finally:
            await asyncio.to_thread(feed, node)
        await all_done(world, 2 * MANY, gate, work)
        expected = [str(n) for n in range(2 * MANY)]
        assert await effects(gate, work) == [expected, expected]
        assert _driver(gate).blocked() == ""
        repeated = [each.counts.repeated for each in (*gate.deliveries, *work.deliveries)]
        assert repeated == [0, 0]
    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if "broker_blocks " in line and "service=gatekeeper" in line]
    over = [line for line in lines if "broker_blocks_no_more" in line and "gatekeeper" in line]
    assert len(told) == len(over) == 1
    assert f"reason='low on {short_of}'" in told[0]
    assert "rabbitmqctl" in told[0]


async def test_a_service_can_be_stopped_during_an_alarm_and_its_outbox_is_sent_later(
    world: World, node: BrokerNode
) -> None:
    gate, work = pair(world)
    await prepare(gate, work)
    async with running(work):
        await gate.begin()
        await world.tell(gate, stopped("0"))
        await all_done(world, 1, gate, work)
        await asyncio.to_thread(node.starve_of_memory)
        try:
            await world.tell(gate, *(stopped(str(n)) for n in range(1, MANY)))
            await until(lambda: bool(_driver(gate).blocked()))
            async with asyncio.timeout(8):  # what `shared.runtime` allows it
                await gate.stop()
            again = pair(world)[0]
            await prepare(again)
            assert await again.store.run(outbox.depth) == MANY - 1
        finally:
            await asyncio.to_thread(node.feed_memory)
        await again.begin()
        await all_done(world, MANY, again, work)
        expected = [str(n) for n in range(MANY)]
        assert await effects(again, work) == [expected, expected]
        await again.stop()


async def test_a_consumer_that_must_send_on_can_be_stopped_during_an_alarm(
    world: World, node: BrokerNode
) -> None:
    """Its verdict cannot reach a retry tier: the message goes back, and is not lost."""
    failing = asyncio.Event()
    handled: list[str] = []

    def fail(message: FleetStopped, at: Handling) -> None:
        if not failing.is_set():
            raise TryLater("not now")
        handled.append(message.why)

    gate = world.service("gatekeeper")
    work = world.service("scheduler", store="scheduler")
    work.hears(fail)
    async with running(gate):
        await work.start()
        await world.say(gate, "0")
        await until(lambda: work.deliveries[0].counts.retried == 1)
        await asyncio.to_thread(node.starve_of_memory)
        try:
            await until(lambda: bool(_driver(work).blocked()))  # its next attempt must be sent on
            async with asyncio.timeout(8):
                await work.stop()
        finally:
            await asyncio.to_thread(node.feed_memory)
        failing.set()
        again = world.service("scheduler", store="scheduler")
        again.hears(fail)
        async with running(again):
            await until(lambda: bool(handled))
            await world.settle(gate, again)
    assert handled == ["0"]


def _driver(service: Service) -> AmqpDriver:
    assert isinstance(service.driver, AmqpDriver)
    return service.driver
