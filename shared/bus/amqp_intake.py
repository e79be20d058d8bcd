"""Deliveries of one channel, put together where their frames arrive (docs/decisions/0022).

aiormq hands each frame to a queue, takes it from there in another task, and begins a task for each whole
message: three turns of the loop for each. Here a delivery's frames go no further than that queue's
entrance. All other frames pass.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

Frame: TypeAlias = tuple[int, Any]
"""How many bytes it had, and what it is."""


class Intake(asyncio.Queue[Frame]):
    """In the place of the queue of frames that a channel has."""

    def __init__(self, channel: Channel, came: Callable[[DeliveredMessage], None]) -> None:
        """`came`: called with each message, in the order of the deliveries."""
        super().__init__()
        self._channel = channel
        self._came = came
        self._others: asyncio.Queue[Frame] = channel.frames
        self._delivery: Basic.Deliver | None = None
        self._header: ContentHeader | None = None
        self._parts: list[bytes] = []
        self._left = 0

    async def put(self, item: Frame) -> None:
        """Called by the client with each frame; a message's frames come one after the other."""
        frame = item[1]
        if isinstance(frame, Basic.Deliver):
            self._delivery = frame
        elif self._delivery is None:
            await self._others.put(item)
        elif isinstance(frame, ContentHeader):
            self._header, self._left = frame, frame.body_size
            self._is_whole()
        elif isinstance(frame, ContentBody):
            self._parts.append(frame.value)
            self._left -= len(frame.value)
            self._is_whole()
        else:  # as the broker closes the channel in the middle of a message
            self._delivery = None
            self._parts.clear()
            await self._others.put(item)

    async def get(self) -> Frame:
        """What is no delivery."""
        return await self._others.get()

    def task_done(self) -> None:
        """Of what `get` gave."""
        self._others.task_done()

    def _is_whole(self) -> None:
        delivery, header = self._delivery, self._header
        if self._left > 0 or delivery is None or header is None:
            return
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._delivery = self._header = None
        self._parts.clear()
        self._came(DeliveredMessage(delivery, header, body, self._channel))
