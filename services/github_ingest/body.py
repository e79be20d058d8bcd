"""Reading a request's body: at most so many bytes, within so many seconds."""

import asyncio
from enum import Enum
from typing import Any

from starlette.types import Message, Receive

from shared.clock import Clock


class Unread(Enum):
    """Why was a body not read?"""

    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    GONE = "gone"
    """The other side hung up: nobody waits for an answer."""


async def read_body(
    receive: Receive, *, limit_bytes: int, seconds: float, clock: Clock
) -> bytes | Unread:
    """The raw bytes, never more than `limit_bytes` and one chunk of them in memory."""
    deadline = asyncio.ensure_future(clock.sleep(seconds))
    chunks: list[bytes] = []
    size = 0
    try:
        while True:
            message = await _before(deadline, receive)
            if message is None:
                return Unread.TOO_SLOW
            if message["type"] == "http.disconnect":
                return Unread.GONE
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > limit_bytes:
                return Unread.TOO_LARGE
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)
    finally:
        deadline.cancel()


async def _before(deadline: "asyncio.Future[None]", receive: Receive) -> Message | None:
    """The next message; None when the deadline came first."""
    getting = asyncio.ensure_future(receive())
    waited: set[asyncio.Future[Any]] = {deadline, getting}
    try:
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting.done() else None
    finally:
        getting.cancel()
