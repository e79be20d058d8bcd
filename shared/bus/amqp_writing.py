"""Many publishes in one write (docs/decisions/0022).

aio-pika hands each message to the socket by itself, one after the other has been written. Here those that
are said at the same moment are written together; each has its own confirmation all the same. On the parts
of aiormq's channel that its own publish is made of.
"""

import asyncio
from dataclasses import dataclass

from aiormq.abc import ChannelFrame
from aiormq.channel import Channel
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

AT_ONCE_BYTES = 256 * 1024
"""In one write, about: what is over that waits until it has gone out, and is not in memory twice."""


@dataclass(slots=True, eq=False)
class _Said:
    """One message on its way."""

    exchange: str
    key: str
    properties: Basic.Properties
    body: bytes
    confirmed: "asyncio.Future[object]"


class Writing:
    """What is published on one channel, which has confirms."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: list[_Said] = []
        self._writes = False

    async def publish(
        self, exchange: str, key: str, properties: Basic.Properties, body: bytes
    ) -> None:
        """Mandatory; returns when it is confirmed. PublishError when it came back; when the channel was
        closed, what closed it. `properties` have a message id: what comes back is known by it."""
        confirmed: asyncio.Future[object] = self._channel.create_future()
        self._waiting.append(_Said(exchange, key, properties, body, confirmed))
        if not self._writes:
            self._writes = True
            self._channel.create_task(self._write())  # ends with the channel
        await confirmed

    async def _write(self) -> None:
        """Until nothing waits: what is said meanwhile goes with the next write."""
        channel = self._channel
        try:
            while self._waiting:
                async with channel.lock:  # numbers are given in the order of the frames
                    written = channel.create_future()
                    payload = b"".join(self._numbered(each) for each in self._next())
                    await channel.write_queue.put(ChannelFrame(payload, False, written))
                    await written
        finally:
            self._writes = False

    def _next(self) -> list[_Said]:
        taken: list[_Said] = []
        size = 0
        while self._waiting and size < AT_ONCE_BYTES:
            each = self._waiting.pop(0)
            if not each.confirmed.done():  # else whoever said it has gone
                taken.append(each)
                size += len(each.body)
        return taken

    def _numbered(self, said: _Said) -> bytes:
        """Its frames; from here on the broker's answers to it find it."""
        channel = self._channel
        channel.delivery_tag += 1
        tag, name = channel.delivery_tag, str(said.properties.message_id)
        channel.confirmations[tag] = said.confirmed
        channel.message_id_delivery_tag[name] = tag

        def forget(_: object) -> None:
            if channel.message_id_delivery_tag.get(name) == tag:
                del channel.message_id_delivery_tag[name]

        said.confirmed.add_done_callback(forget)
        most = channel.max_content_size
        parts = [said.body[at : at + most] for at in range(0, len(said.body), most)]
        return ChannelFrame.marshall(channel.number, [
            Basic.Publish(exchange=said.exchange, routing_key=said.key, mandatory=True),
            ContentHeader(properties=said.properties, body_size=len(said.body)),
            *map(ContentBody, parts),
        ]).payload  # fmt: skip
