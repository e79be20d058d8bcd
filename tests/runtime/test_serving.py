"""An app on an address of its own, and who calls it."""

import asyncio
import logging

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from shared.runtime.serving import Served, listen

HALF = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nhalf "


class Reader:
    """An app that reads what is sent."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Echo it."""
        self.asked.set()
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            self.left.set()
            raise
        await PlainTextResponse(body)(scope, receive, send)


async def test_a_caller_that_goes_in_the_middle_is_not_told_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, listener = Reader(), listen("127.0.0.1", 0)
    served = Served(app, listener)
    await served.start()
    with caplog.at_level(logging.DEBUG):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(HALF)
        await app.asked.wait()
        writer.close()
        await writer.wait_closed()
        await app.left.wait()
        await served.stop()
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []
