"""Many publishes in one write (docs/decisions/0022).

aio-pika hands each message to the socket by itself, one after the other has been written. Here those that
are said at the same moment are written together; each has its own confirmation all the same. On the parts
of aiormq's channel that its own publish is made of.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from aiormq.abc import ChannelFrame
from aiormq.channel import Channel
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

AT_ONCE_BYTES = 256 * 1024
"""In one write, about: what is over that waits until it has gone out, and is not in memory twice."""


@dataclass(slots=True, eq=False)
class Saying:
    """One message to be published."""

    exchange: str
    key: str
    properties: Basic.Properties
    """With a message id: what comes back is known by it."""
    body: bytes


class Confirmed(Protocol):
    """Who is told what became of a message; what aiormq asks of the futures it keeps for that."""

    def done(self) -> bool:
        """Nobody waits for it any more."""
        ...

    def cancelled(self) -> bool:
        """It was given up."""
        ...

    def set_result(self, frame: object, /) -> None:
        """The broker has it."""
        ...

    def set_exception(self, error: BaseException, /) -> None:
        """PublishError: it came back. DeliveryError: the broker could not take it."""
        ...


class Writing:
    """What is published on one channel, which has confirms."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: list[tuple[Saying, Confirmed]] = []
        self._writes = False

    def publish(self, said: Saying, confirmed: Confirmed) -> None:
        """Mandatory. When the channel closes, `confirmed` is not told: see to that."""
        self._waiting.append((said, confirmed))
        if not self._writes:
            self._writes = True
            self._channel.create_task(self._write())  # ends with the channel

    def forget(self, said: Saying) -> None:
        """It was confirmed, or nobody waits for it: what comes back later is nobody's."""
        self._channel.message_id_delivery_tag.pop(str(said.properties.message_id), None)

    async def _write(self) -> None:
        """Until nothing waits: what is said meanwhile goes with the next write."""
        channel = self._channel
        try:
            while self._waiting:
                async with channel.lock:  # numbers are given in the order of the frames
                    written = channel.create_future()
                    payload = b"".join([self._numbered(*each) for each in self._next()])
                    await channel.write_queue.put(ChannelFrame(payload, False, written))
                    await written
        finally:
            self._writes = False

    def _next(self) -> list[tuple[Saying, Confirmed]]:
        taken: list[tuple[Saying, Confirmed]] = []
        size = looked_at = 0
        while looked_at < len(self._waiting) and size < AT_ONCE_BYTES:
            said, confirmed = self._waiting[looked_at]
            looked_at += 1
            if not confirmed.done():  # else whoever said it has gone
                taken.append((said, confirmed))
                size += len(said.body)
        del self._waiting[:looked_at]
        return taken

    def _numbered(self, said: Saying, confirmed: Confirmed) -> bytes:
        """Its frames; from here on the broker's answers to it find it."""
        channel = self._channel
        channel.delivery_tag += 1
        channel.confirmations[channel.delivery_tag] = confirmed  # type: ignore[assignment] # asked no more
        channel.message_id_delivery_tag[str(said.properties.message_id)] = channel.delivery_tag
        most, size = channel.max_content_size, len(said.body)
        header = ContentHeader(properties=said.properties, body_size=size)
        bodies = [ContentBody(said.body[at : at + most]) for at in range(0, size, most)]
        frames = ChannelFrame.marshall(channel.number, [header, *bodies]).payload
        return _method(channel.number, said.exchange, said.key) + frames


@lru_cache(maxsize=256)
def _method(channel: int, exchange: str, key: str) -> bytes:
    publish = Basic.Publish(exchange=exchange, routing_key=key, mandatory=True)
    return bytes(ChannelFrame.marshall(channel, [publish]).payload)
