"""A long job outlasts the broker's patience with a delivery, and costs none (I-40)."""

import asyncio

import pytest

from shared.bus.driver import Queue
from shared.jobs import JobContext, Outcome
from shared.messages.gate import FleetResumed
from tests.broker_node import BrokerNode
from tests.bus.rabbit import Rabbit
from tests.bus.saying import by_a_job
from tests.bus.worlds import REPO, Say, World, running, sealed, stopped, until

pytestmark = pytest.mark.timeout(180)

PATIENCE_MS = 2000
HELD = "custom.held.v1"


IMPATIENT = (
    f"application:set_env(rabbit, consumer_timeout, {PATIENCE_MS}), "
    "application:set_env(rabbit, channel_tick_interval, 1000)."
)
"""It takes back what is not acknowledged within two seconds, and looks every second. (The second has no
line in rabbitmq.conf.)"""


async def test_i40_a_job_longer_than_the_consumer_timeout_costs_no_redelivery(
    world: World, rabbit: Rabbit, node: BrokerNode
) -> None:
    await asyncio.to_thread(node.ctl, "eval", IMPATIENT)
    began: list[int] = []
    go = asyncio.Event()

    async def say(job: Say, at: JobContext) -> Outcome[FleetResumed]:
        began.append(at.attempt)
        await go.wait()
        return lambda handling: [FleetResumed(repo=REPO, why=job.why)]

    gate, work, heard = by_a_job(world, say)
    async with running(gate, work):
        await world.say(gate, "long")
        await until(lambda: bool(began))
        await _until_it_takes_back_from_somebody(world, rabbit)
        assert not go.is_set()
        go.set()
        await world.settle(gate, work)
        counts = gate.deliveries[0].counts
        assert (began, heard) == ([1], ["long"])
        assert (counts.received, counts.repeated) == (1, 0)


async def _until_it_takes_back_from_somebody(world: World, rabbit: Rabbit) -> None:
    """A consumer beside it that holds on to its delivery: what happens to it shows that the broker's
    patience was over meanwhile, and that it is checked at all."""
    queue = Queue("scheduler.slow", (HELD,))
    driver = world.make_driver("scheduler")
    await driver.connect("scheduler")
    await driver.declare(queue)
    inlet = await driver.open(queue)
    await rabbit.inject(sealed(stopped("held"), topic=HELD))
    first = await inlet.take(1)
    while (again := (await inlet.take(1))[0]).envelope.id != first[0].envelope.id:
        pass
    assert again.attempt == 2
    await inlet.close()
    await driver.close()
