"""Both drivers, for the same contract."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.bus import MemoryBus
from shared.bus.amqp import AmqpDriver
from shared.clock import FakeClock, SystemClock
from shared.messages import Envelope
from tests.bus.identities import make_users, url_of
from tests.bus.rabbit import Rabbit, world_on
from tests.bus.worlds import World
from tests.services_at_hand import amqp_vhost

__all__ = ["amqp_vhost"]


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[World]:
    """A world on the memory bus, with a clock that stands still until it is moved."""
    clock = FakeClock()
    bus = MemoryBus(clock)
    under_way: set[asyncio.Task[bool]] = set()

    async def inject(envelope: Envelope) -> None:
        under_way.add(asyncio.ensure_future(bus.publish(envelope)))

    yield World(lambda _: bus.driver(), tmp_path, clock, inject=inject, parked=None)
    await bus.close()
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)


@pytest.fixture
def rabbit(amqp_vhost: str) -> Rabbit:
    """A vhost of this test's own, from the outside."""
    return Rabbit(amqp_vhost)


@pytest.fixture
def amqp(rabbit: Rabbit, tmp_path: Path) -> World:
    """A world on RabbitMQ, all as one broker user."""
    return world_on(rabbit, tmp_path)


@pytest.fixture
def identified(amqp: World, rabbit: Rabbit) -> World:
    """A world on RabbitMQ where each service is itself."""
    make_users(rabbit.vhost)
    clock = SystemClock()
    amqp.make_driver = lambda service: AmqpDriver(url_of(rabbit.url, service), clock)
    return amqp


@pytest.fixture(params=["memory", "amqp"])
def world(request: pytest.FixtureRequest) -> World:
    """A world on each driver."""
    made = request.getfixturevalue(request.param)
    assert isinstance(made, World)
    return made
