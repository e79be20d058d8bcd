"""A node of each module's own, and a vhost of it for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.broker.instances import Begin, Instance, put_away
from tests.broker_node import BrokerNode, broker_node
from tests.bus.rabbit import Rabbit, world_on
from tests.bus.worlds import World
from tests.services_at_hand import NO_NODE, amqp_vhost, missing

__all__ = ["amqp_vhost"]


@pytest.fixture(scope="module")
def settings() -> str:
    """Lines for the node's rabbitmq.conf; a module may have its own."""
    return ""


@pytest.fixture(scope="module")
def node(settings: str) -> Iterator[BrokerNode]:
    """A node that runs, gone afterwards, however the tests end."""
    try:
        with broker_node(settings) as made:
            yield made
    except FileNotFoundError:
        missing(NO_NODE)


@pytest.fixture
def rabbit(node: BrokerNode) -> Rabbit:
    """A new vhost of the node, from the outside."""
    return Rabbit(node.vhost())


@pytest.fixture
def world(rabbit: Rabbit, tmp_path: Path) -> World:
    """Services in that vhost, all as one broker user."""
    return world_on(rabbit, tmp_path)


@pytest.fixture
def amqp(amqp_vhost: str, tmp_path: Path) -> World:
    """Services on whichever broker is at hand: what disturbs nobody."""
    return world_on(Rabbit(amqp_vhost), tmp_path)


@pytest.fixture
async def begin() -> AsyncIterator[Begin]:
    """Starts instances of services as processes."""
    instances: list[Instance] = []

    async def one_more(module: str, *arguments: str, **variables: str) -> Instance:
        instances.append(await Instance.start(module, *arguments, **variables))
        return instances[-1]

    yield one_more
    await put_away(instances)
