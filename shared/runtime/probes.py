"""A server for three fixed pages, asked by probes: GET, one answer, hang up.

Of our own, because the one that serves pages takes a fifth of an idle service's memory
(docs/decisions/0018).
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

PLAIN = "text/plain; charset=utf-8"
NO_SUCH_PAGE = "there are {pages}\n"
ONLY_GET = "ask with GET or HEAD\n"
NOT_HTTP = "this is no request of HTTP\n"
TOO_LONG = "a request is at most 8 KiB here\n"
TOO_SLOW = "no answer within {seconds:g} s\n"

ANSWER_S = 2.0
"""A page that takes longer is answered 503: whoever probes must learn of it."""
ASK_S = 5.0
"""Somebody who connects must have asked by then."""
MOST_AT_ONCE = 64
MOST_BYTES = 8192

_ENDS = (b"\r\n\r\n", b"\n\n")
_REASONS = {
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
    431: "Request Header Fields Too Large", 503: "Service Unavailable",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a page says. `kind`: its media type."""

    status: int
    text: str
    kind: str = PLAIN


Pages: TypeAlias = Mapping[str, Callable[[], Awaitable[Answer]]]
"""By path, as `/healthz`."""


class Probes:
    """Answers on a listening socket from `start` to `stop`."""

    def __init__(self, pages: Pages, listener: socket.socket) -> None:
        self._pages = pages
        self._listener = listener
        self._server: asyncio.Server | None = None
        self._open: set[_Conversation] = set()

    async def start(self) -> None:
        """Answer from now on."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._conversation, sock=self._listener)

    async def stop(self) -> None:
        """Hang up."""
        if self._server is None:
            return
        self._server.close()
        for each in list(self._open):
            each.hang_up()
        await self._server.wait_closed()

    def _conversation(self) -> "_Conversation":
        return _Conversation(self._pages, self._open)


class _Conversation(asyncio.Protocol):
    """One client: it asks once, it is answered once."""

    def __init__(self, pages: Pages, others: "set[_Conversation]") -> None:
        self._pages = pages
        self._others = others
        self._asked = bytearray()
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._others.add(self)
        self._late = asyncio.get_running_loop().call_later(ASK_S, transport.close)
        if len(self._others) > MOST_AT_ONCE:
            self.hang_up()

    def data_received(self, data: bytes) -> None:
        if self._answering is not None:
            return  # it has asked already
        self._asked += data
        if any(end in self._asked for end in _ENDS):
            self._late.cancel()
            self._answering = asyncio.get_running_loop().create_task(self._answer())
        elif len(self._asked) > MOST_BYTES:
            self._say(Answer(431, TOO_LONG))

    def connection_lost(self, exc: Exception | None) -> None:
        self._late.cancel()
        self._others.discard(self)
        if self._answering is not None:
            self._answering.cancel()

    def hang_up(self) -> None:
        """End it as it is."""
        self._transport.abort()

    async def _answer(self) -> None:
        words = bytes(self._asked).split(b"\n", 1)[0].decode("latin-1").split()
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            self._say(Answer(400, NOT_HTTP))
            return
        method, target, _ = words
        page = self._pages.get(target.partition("?")[0])
        if page is None:
            self._say(Answer(404, NO_SUCH_PAGE.format(pages=", ".join(self._pages))))
        elif method not in ("GET", "HEAD"):
            self._say(Answer(405, ONLY_GET))
        else:
            self._say(await _in_time(page), with_body=method == "GET")

    def _say(self, answer: Answer, *, with_body: bool = True) -> None:
        body = answer.text.encode()
        head = (
            f"HTTP/1.0 {answer.status} {_REASONS[answer.status]}\r\nContent-Type: {answer.kind}\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            self._transport.write(head.encode("latin-1") + (body if with_body else b""))
        self._transport.close()


async def _in_time(page: Callable[[], Awaitable[Answer]]) -> Answer:
    try:
        async with asyncio.timeout(ANSWER_S):
            return await page()
    except TimeoutError:
        return Answer(503, TOO_SLOW.format(seconds=ANSWER_S))
