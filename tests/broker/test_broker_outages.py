"""The broker itself ends, politely and not, under load: nothing lost, one effect each."""

import asyncio
import gc
from collections.abc import Callable

import pytest

from tests.broker_node import BrokerNode
from tests.bus.effects import all_done, effects, pair, prepare
from tests.bus.worlds import World, running, stopped, until

pytestmark = pytest.mark.timeout(240)

MANY = 900
ENDS: dict[str, Callable[[BrokerNode], None]] = {
    "stopped": BrokerNode.stop,
    "killed": BrokerNode.kill,
}


@pytest.mark.parametrize("how", ENDS)
async def test_a_broker_that_ends_under_load_and_comes_back_loses_and_doubles_nothing(
    world: World, node: BrokerNode, how: str
) -> None:
    gate, work = pair(world)
    await prepare(gate, work)
    async with running(gate, work):
        await asyncio.to_thread(node.write_down)
        await world.tell(gate, *(stopped(str(n)) for n in range(0, MANY, 2)))
        await until(lambda: work.deliveries[0].counts.handled > 0)
        await asyncio.to_thread(ENDS[how], node)
        await world.tell(gate, *(stopped(str(n)) for n in range(1, MANY, 2)))  # nobody is there
        gc.collect()
        await asyncio.to_thread(node.start)
        await all_done(world, MANY, gate, work)
        expected = [str(n) for n in range(MANY)]
        assert await effects(gate, work) == [expected, expected]
        assert await world.dead() == []


async def test_an_outage_during_which_everybody_is_restarted_loses_nothing(
    world: World, node: BrokerNode
) -> None:
    """What was said and not confirmed stands in the outbox of a service that is not there any more."""
    gate, work = pair(world)
    await prepare(gate, work)
    for service in (gate, work):
        await service.begin()
    await asyncio.to_thread(node.write_down)
    await asyncio.to_thread(node.kill)
    await world.tell(gate, *(stopped(str(n)) for n in range(MANY)))
    for service in (gate, work):
        await service.stop()
    await asyncio.to_thread(node.start)
    again = pair(world)
    async with running(*again):
        await all_done(world, MANY, *again)
        expected = [str(n) for n in range(MANY)]
        assert await effects(*again) == [expected, expected]
