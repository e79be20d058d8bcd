"""Hears without a store: batches from a queue of its own, acknowledged with one frame each.

For people who look (`gatefleet tail`) and whoever keeps nothing that a crash could lose. Nothing is
acknowledged one by one, which is what makes it faster than a plain consumer.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Self

from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from aiormq.abc import AbstractChannel as Below
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity

from shared.bus import amqp_names as names
from shared.bus.amqp_line import BETWEEN_TRIES_S, OPEN_S, Line, hang_up, outage
from shared.clock import Clock
from shared.errors import Refused, TryLater
from shared.messages import wire

PREFETCH = 200
BATCH = 100
REMEMBERED = 2 * PREFETCH
"""Of what was given out last: after an outage it is delivered again, and nobody wants it twice."""
QUEUE_ARGUMENTS: names.Arguments = {
    "x-queue-type": "classic",
    "x-expires": 60_000,
    "x-max-length": 20_000,
    "x-max-length-bytes": 64 * 1024 * 1024,
}
"""It outlives a lost connection for a minute and a reader that stands still for so many messages; then
the oldest go. What a reader of a feed misses is lost to nobody else."""

LOST = "the connection to the broker is lost ({why}); trying again"
BACK = (
    "the broker is back; what was said meanwhile follows, unless it was away for more than a minute"
)
NOT_ALLOWED = (
    "broker: {user_queue} may not be made or bound ({error}); the user needs configure, write and read "
    "on `tail.USER.…` and read on the exchange {exchange}"
)
NOT_THERE = (
    "broker: nobody has declared the exchange {exchange} there; start the fleet on it with "
    "`gatefleet run SERVICE`, or name another vhost"
)


@dataclass(frozen=True, slots=True)
class Overheard:
    """A message as it came, unchecked: whatever is in it is what somebody sent."""

    topic: str
    """The routing key, which the broker has checked."""
    id: str
    sender: str
    """The broker's user where the broker proved it, else what the message claims."""
    proven: bool
    at: datetime | None
    correlation: str
    causation: str
    trace: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Over:
    """Put into the box when a channel consumes no more, whoever ended that."""

    channel: AbstractChannel


class Feed:
    """One consumer of one queue of its own; one task takes from it."""

    def __init__(
        self, line: Line, clock: Clock, *, name: str, patterns: tuple[str, ...], prefetch: int,
        tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._line = line
        self._clock = clock
        self._name = name
        self._patterns = patterns
        self._prefetch = prefetch
        self._tell = tell
        self._box: asyncio.Queue[DeliveredMessage | _Over] = asyncio.Queue()
        self._channel: AbstractChannel | None = None
        self._below: Below | None = None
        """The same channel without aio-pika's objects, of which each message would cost two more."""
        self._tag = ""
        self._last: DeliveredMessage | None = None
        self._given: deque[str] = deque(maxlen=REMEMBERED)

    async def __aenter__(self) -> Self:
        """The queue is there, and hears, when this returns. TryLater or Refused when it cannot be."""
        await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        await self.close()

    async def take(self, most: int = BATCH) -> list[Overheard]:
        """At least one, at most `most`, waiting for none but the first. What was taken before is
        acknowledged by this: whoever asks for more is done with it."""
        await self.done()
        while True:
            if self._channel is None:
                await self._again()
            taken = await self._batch(most)
            fresh = [each for each in taken if not self._was_given(each)]
            if taken:
                self._last = taken[-1]
            if fresh:
                self._given.extend(str(each.header.properties.message_id) for each in fresh)
                return [_overheard(each) for each in fresh]
            await self.done()

    async def done(self) -> None:
        """Acknowledge all that was taken, with one frame."""
        last, self._last = self._last, None
        if last is not None and self._below is not None:
            with suppress(*CONNECTION_EXCEPTIONS):  # it comes again, and is known
                await self._below.basic_ack(last.delivery_tag or 0, multiple=True)

    async def close(self) -> None:
        """Delete the queue and hang up."""
        channel, self._channel = self._channel, None
        if channel is None or self._below is None:
            return
        with suppress(TryLater), outage("not deleted"):
            async with asyncio.timeout(OPEN_S):
                await self._below.basic_cancel(
                    self._tag
                )  # else the client complains that it is gone
                await channel.queue_delete(self._name, if_unused=False, if_empty=False)
        await hang_up(channel)

    async def _batch(self, most: int) -> list[DeliveredMessage]:
        """What is in the box, waiting for the first; nothing when the channel is lost, as none of it
        could be acknowledged there."""
        found: list[DeliveredMessage] = []
        while not found or (len(found) < most and not self._box.empty()):
            each = await self._box.get()
            if not isinstance(each, _Over):
                found.append(each)
            elif each.channel is self._channel:
                await hang_up(each.channel)  # first: it could fill the box again
                self._channel = None
                while not self._box.empty():
                    self._box.get_nowait()
                return []
        return found

    def _was_given(self, message: DeliveredMessage) -> bool:
        known = message.header.properties.message_id
        return bool(message.redelivered) and str(known) in self._given

    async def _again(self) -> None:
        said = False
        while True:
            try:
                await self._begin()
            except TryLater as error:
                if not said:
                    self._tell(LOST.format(why=error))
                said = True
                await self._clock.sleep(BETWEEN_TRIES_S)
            else:
                self._tell(BACK)
                return

    async def _begin(self) -> None:
        channel = await self._line.channel()
        try:
            with outage(
                f"{self._name}: not consumed", but=(ChannelAccessRefused, ChannelNotFoundEntity)
            ):
                async with asyncio.timeout(OPEN_S):
                    await self._consume(channel)
        except ChannelAccessRefused as error:
            raise Refused(NOT_ALLOWED.format(
                user_queue=self._name, error=error, exchange=names.EXCHANGE
            )) from None  # fmt: skip
        except ChannelNotFoundEntity:
            raise Refused(NOT_THERE.format(exchange=names.EXCHANGE)) from None
        except BaseException:
            await hang_up(channel)
            raise
        self._channel = channel

    async def _consume(self, channel: AbstractChannel) -> None:
        await channel.set_qos(prefetch_count=self._prefetch)
        queue = await channel.declare_queue(
            self._name, durable=True, arguments=dict(QUEUE_ARGUMENTS)
        )
        for pattern in self._patterns:
            await queue.bind(names.EXCHANGE, pattern)
        below = await channel.get_underlay_channel()
        over = partial(self._over, channel)
        below.on_consumer_cancel_callbacks.add(over)
        channel.close_callbacks.add(over)
        self._tag = str((await below.basic_consume(self._name, self._box.put)).consumer_tag)
        self._below = below

    def _over(self, channel: AbstractChannel, *_of_the_client: object) -> None:
        """Called by the client, whichever way the consumer ended."""
        self._box.put_nowait(_Over(channel))


def _overheard(message: DeliveredMessage) -> Overheard:
    properties = message.header.properties
    headers = properties.headers or {}
    return Overheard(
        topic=str(message.routing_key or ""), id=str(properties.message_id or ""),
        sender=str(properties.user_id or headers.get(wire.H_SENDER) or ""),
        proven=bool(properties.user_id), at=_time(headers.get(wire.H_AT), properties.timestamp),
        correlation=str(properties.correlation_id or ""),
        causation=str(headers.get(wire.H_CAUSE) or ""), trace=str(headers.get(wire.H_TRACE) or ""),
        body=message.body,
    )  # fmt: skip


def _time(exact: object, rounded: datetime | None) -> datetime | None:
    """When it was said; the broker's own property where the header is no time."""
    with suppress(ValueError):
        found = datetime.fromisoformat(str(exact))
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return rounded
