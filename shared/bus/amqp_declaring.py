"""What is declared on RabbitMQ: made where it is missing, else left as it is.

Where each service is a broker user of its own, what they share comes from definitions, and no service may
configure it. So it is looked for first, which needs no permission, and only what is missing is declared.
Where all are one user, everything is declared: that also finds what is there in another shape.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from aio_pika.abc import AbstractChannel, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity, ChannelPreconditionFailed
from aiormq.exceptions import ChannelAccessRefused, ChannelLockedResource

from shared.bus import amqp_names as names
from shared.bus.amqp_line import OPEN_S, Line, hang_up, outage
from shared.bus.driver import Queue
from shared.errors import BadInput

EXCHANGE, QUEUE = "exchange", "queue"
ANOTHER = (
    "{kind} {name}: the broker has another {kind} of that name ({error}); delete it or use a vhost of "
    "its own"
)
NOT_PERMITTED = (
    "{kind} {name}: the broker does not let this user declare or bind it ({error}); load the "
    "definitions that `gatefleet topology --definitions FILE` writes"
)


class Ground:
    """What all services share on the broker: exchanges, the parking queue, retry tiers."""

    def __init__(self, line: Line, *, looks_first: bool) -> None:
        """`looks_first`: declare only what is missing, for a user who may declare nothing of it."""
        self._line = line
        self._looks_first = looks_first

    async def lay(self, *places: names.Place) -> None:
        """See that all of them are there; TryLater, or BadInput naming one that cannot be made."""
        missing = await self._missing(places) if self._looks_first else list(places)
        if missing:
            async with self._channel() as channel:
                for place in missing:
                    await _declare_place(channel, place)

    async def _missing(self, places: tuple[names.Place, ...]) -> list[names.Place]:
        left, missing = list(places), []
        while left:
            async with self._channel() as channel:
                while left:
                    place = left.pop(0)
                    if not await _is_there(channel, place):
                        missing.append(place)
                        break  # with that answer the broker has closed the channel
        return missing

    @asynccontextmanager
    async def _channel(self) -> AsyncIterator[AbstractChannel]:
        channel = await self._line.channel()
        try:
            with outage("nothing declared"):
                async with asyncio.timeout(OPEN_S):
                    yield channel
        finally:
            await hang_up(channel)


async def declare_queue(channel: AbstractChannel, queue: Queue) -> AbstractQueue:
    """A quorum queue with its bindings; BadInput when another one has the name, or it may not be."""
    with _in_plain_words(QUEUE, queue.name):
        declared = await channel.declare_queue(
            queue.name, durable=True, arguments=dict(names.queue_arguments(queue))
        )
        for topic in queue.topics:
            await declared.bind(names.EXCHANGE, topic)
        await declared.bind(names.RETURN, queue.name)
    return declared


async def ready(channel: AbstractChannel, queue: str) -> int:
    """How many messages wait in a queue, those not counted that somebody has taken."""
    below = await channel.get_underlay_channel()
    return (await below.queue_declare(queue, passive=True)).message_count or 0


async def _is_there(channel: AbstractChannel, place: names.Place) -> bool:
    below = await channel.get_underlay_channel()
    try:
        await below.exchange_declare(place.name, passive=True)
        if place.queue is not None:
            await below.queue_declare(place.name, passive=True)
    except ChannelNotFoundEntity:
        return False
    return True


async def _declare_place(channel: AbstractChannel, place: names.Place) -> None:
    with _in_plain_words(EXCHANGE, place.name):
        exchange = await channel.declare_exchange(place.name, place.kind, durable=True)
    if place.queue is None:
        return
    with _in_plain_words(QUEUE, place.name):
        queue = await channel.declare_queue(place.name, durable=True, arguments=dict(place.queue))
        await queue.bind(exchange)


@contextmanager
def _in_plain_words(kind: str, name: str) -> Iterator[None]:
    """BadInput for what stays as it is until somebody mends it."""
    try:
        yield
    except (ChannelPreconditionFailed, ChannelLockedResource) as error:
        raise BadInput(ANOTHER.format(kind=kind, name=name, error=error)) from None
    except ChannelAccessRefused as error:
        raise BadInput(NOT_PERMITTED.format(kind=kind, name=name, error=error)) from None
