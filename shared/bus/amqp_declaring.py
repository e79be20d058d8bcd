"""What is declared on RabbitMQ, on whichever channel: made where it is missing, else left as it is."""

from collections.abc import Awaitable
from typing import TypeVar

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractQueue
from aio_pika.exceptions import ChannelPreconditionFailed

from shared.bus import amqp_names as names
from shared.bus.driver import Queue
from shared.errors import BadInput

T = TypeVar("T")

ANOTHER = (
    "queue {name}: the broker has another queue of that name ({error}); delete it or use a vhost of "
    "its own"
)


async def declare_exchanges(channel: AbstractChannel) -> None:
    """What is published to, and what brings it back."""
    await channel.declare_exchange(names.EXCHANGE, ExchangeType.TOPIC, durable=True)
    await channel.declare_exchange(names.RETURN, ExchangeType.DIRECT, durable=True)
    await declare_parking(channel)


async def declare_parking(channel: AbstractChannel) -> None:
    """Where dead letters stay."""
    exchange = await channel.declare_exchange(names.DEAD, ExchangeType.FANOUT, durable=True)
    queue = await _conflicts(names.DEAD, channel.declare_queue(
        names.DEAD, durable=True, arguments={"x-queue-type": "quorum"},
    ))  # fmt: skip
    await queue.bind(exchange)


async def declare_queue(channel: AbstractChannel, queue: Queue) -> AbstractQueue:
    """A quorum queue with its bindings; BadInput when another one has the name."""
    declared = await _conflicts(queue.name, channel.declare_queue(
        queue.name, durable=True, arguments=dict(names.queue_arguments(queue)),
    ))  # fmt: skip
    for topic in queue.topics:
        await declared.bind(names.EXCHANGE, topic)
    await declared.bind(names.RETURN, queue.name)
    return declared


async def declare_tier(channel: AbstractChannel, milliseconds: int) -> None:
    """Where messages wait before they come back."""
    name = names.tier_name(milliseconds)
    exchange = await channel.declare_exchange(name, ExchangeType.FANOUT, durable=True)
    queue = await _conflicts(name, channel.declare_queue(
        name, durable=True, arguments=dict(names.tier_arguments(milliseconds)),
    ))  # fmt: skip
    await queue.bind(exchange)


async def ready(channel: AbstractChannel, queue: str) -> int:
    """How many messages wait in a queue, those not counted that somebody has taken."""
    below = await channel.get_underlay_channel()
    return (await below.queue_declare(queue, passive=True)).message_count or 0


async def _conflicts(name: str, declaring: Awaitable[T]) -> T:
    try:
        return await declaring
    except ChannelPreconditionFailed as error:
        raise BadInput(ANOTHER.format(name=name, error=error)) from None
