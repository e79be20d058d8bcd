"""Graceful stops and rolling restarts under load: no delivery counted twice, nothing lost or doubled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.bus import Service
from tests.bus.effects import all_done, count, effects, hear, pair, prepare
from tests.bus.worlds import World, running, stopped, until

pytestmark = pytest.mark.timeout(600)

A_STOP = 60
"""Messages said for each stop: enough that it is in the middle of them."""


@pytest.mark.parametrize("stops", [12, pytest.param(100, marks=pytest.mark.night)])
async def test_no_message_is_delivered_twice_in_graceful_stops_under_load(
    amqp: World, stops: int
) -> None:
    gate, _ = pair(amqp)
    lives = []
    total = stops * A_STOP
    await prepare(gate)
    async with running(gate):
        work = await _begun(amqp)
        for turn in range(stops):
            await amqp.tell(gate, *(stopped(str(turn * A_STOP + n)) for n in range(A_STOP)))
            await until(lambda work=work: work.deliveries[0].counts.received > 0)  # type: ignore[misc]
            await work.stop()
            lives.append(work)
            work = await _begun(amqp)
        await all_done(amqp, total, work)
        await amqp.settle(gate, work)
        assert await effects(work) == [[str(n) for n in range(total)]]
        await work.stop()
    counts = [each.deliveries[0].counts for each in (*lives, work)]
    assert sum(each.received for each in counts) == total  # a delivery that came again counts here
    assert sum(each.repeated for each in counts) == 0


async def test_a_rolling_restart_of_pairs_under_load_costs_no_delivery(amqp: World) -> None:
    """Two instances of who says and of who hears, ended and started again one after the other."""
    everybody: list[Service] = []
    async with _instances(amqp, everybody) as alive:
        for turn, (kind, instance) in enumerate(list(alive) * 2):
            says = alive["gatekeeper", "1" if (kind, instance) == ("gatekeeper", "2") else "2"]
            await amqp.tell(says, *(stopped(str(turn * A_STOP + n)) for n in range(A_STOP)))
            await alive[kind, instance].stop()
            alive[kind, instance] = await _one(amqp, kind, instance)
            everybody.append(alive[kind, instance])
        await amqp.settle(*alive.values())
        total = 2 * len(alive) * A_STOP
        works = [alive["scheduler", each] for each in "12"]
        gates = [alive["gatekeeper", each] for each in "12"]
        for two in (works, gates):
            done = [why for each in await effects(*two) for why in each]
            assert sorted(done, key=int) == [str(n) for n in range(total)]
    for kind in ("scheduler", "gatekeeper"):
        counts = [each.deliveries[0].counts for each in everybody if each.name == kind]
        assert sum(each.received for each in counts) == total
        assert sum(each.repeated for each in counts) == 0


@asynccontextmanager
async def _instances(
    world: World, everybody: list[Service]
) -> AsyncIterator[dict[tuple[str, str], Service]]:
    alive: dict[tuple[str, str], Service] = {}
    for kind in ("scheduler", "gatekeeper"):
        for instance in "12":
            alive[kind, instance] = await _one(world, kind, instance)
    everybody += alive.values()
    try:
        yield alive
    finally:
        for each in alive.values():
            await each.stop()


async def _one(world: World, kind: str, instance: str) -> Service:
    made = world.service(kind, instance)
    made.hears(count if kind == "scheduler" else hear)
    await prepare(made)
    await made.begin()
    return made


async def _begun(world: World) -> Service:
    """The next life of the one scheduler."""
    return await _one(world, "scheduler", "1")
