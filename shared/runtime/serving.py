"""Serves an ASGI app on an address of its own, as a part of a service or of a process."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from email.utils import formatdate

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from shared.runtime.listening import address, listen

__all__ = ["NOT_STARTED", "Served", "address", "listen"]

NOT_STARTED = "the server has no address before it is started; start it first"


class _State(ServerState):
    """What answers have in common: the date, worked out when it is needed."""

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """Of every answer."""
        return [(b"date", formatdate(usegmt=True).encode())]

    @default_headers.setter
    def default_headers(self, headers: list[tuple[bytes, bytes]]) -> None:
        """uvicorn writes the date here, every second."""


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, for the process belongs to who started it, and without
    waking up ten times a second, for whether it shall end and for the date."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.server_state = _State()
        self._ended = asyncio.Event()

    async def main_loop(self) -> None:
        """Serve until `end`."""
        await self._ended.wait()

    def end(self) -> None:
        """Take nothing new."""
        self.should_exit = True
        self._ended.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class _QuietWhenLeft:
    """An app whose caller may go in the middle of a request: there is nobody to answer then, and nothing
    to tell of."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(ClientDisconnect):
            await self._app(scope, receive, send)


class Served:
    """A `Part`: from `start` to `stop` the app is served.

    `http`: another protocol class than uvicorn's own, for a server that strangers may reach.
    """

    def __init__(
        self, app: ASGIApp, listener: socket.socket, *, http: type[asyncio.Protocol] | None = None
    ) -> None:
        self._app = app
        self._listener = listener
        self._http = http
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Answer from now on."""
        config = uvicorn.Config(
            _QuietWhenLeft(self._app), http=self._http or "auto", ws="none", lifespan="off",
            log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        while not self._server.started and not self._task.done():  # noqa: ASYNC110 - uvicorn tells no event
            await asyncio.sleep(0)

    async def stop(self) -> None:
        """Take nothing new; what is in hand gets a second."""
        if self._server is not None and self._task is not None:
            self._server.end()
            await self._task
