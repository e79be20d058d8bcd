"""Serves the webhook on an address of its own, as a part of the service."""

import asyncio

from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.github_ingest.webhook import PATH
from shared.clock import Clock
from shared.errors import BadInput
from shared.runtime.serving import NOT_STARTED, Served, address, listen

HEADER_SECONDS = 5.0


class WebhookServer:
    """A `Part`: from `start` to `stop` the app is served. Port 0 takes any free one."""

    def __init__(self, app: ASGIApp, *, host: str, port: int, clock: Clock) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._clock = clock
        self._address = ""
        self._served: Served | None = None

    @property
    def url(self) -> str:
        """Where deliveries are sent to; known from `start` on."""
        if not self._address:
            raise BadInput(NOT_STARTED)
        return f"{self._address}{PATH}"

    async def start(self) -> None:
        """Listen. BadInput when the address is taken."""
        listener = listen(self._host, self._port)
        self._address = address(listener)
        self._served = Served(self._app, listener, http=_hurried(self._clock))
        await self._served.start()

    async def stop(self) -> None:
        """Take no new delivery; those in hand get a second."""
        if self._served is not None:
            await self._served.stop()


def _hurried(clock: Clock) -> type[asyncio.Protocol]:
    """HTTP/1.1 that hangs up on a client whose headers take longer than `HEADER_SECONDS`.

    uvicorn waits for them for ever, and each such connection costs a file descriptor.
    """

    class Hurried(H11Protocol):
        _waiting: asyncio.Task[None] | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            between = self.cycle is None or self.cycle.response_complete
            if between and self._waiting is None:
                self._wait()
            elif not between:
                self._be_calm()

        def connection_lost(self, exc: Exception | None) -> None:
            self._be_calm()
            super().connection_lost(exc)

        def _wait(self) -> None:
            self._waiting = asyncio.ensure_future(self._hang_up())

        def _be_calm(self) -> None:
            if self._waiting is not None:
                self._waiting.cancel()
                self._waiting = None

        async def _hang_up(self) -> None:
            await clock.sleep(HEADER_SECONDS)
            self._waiting = None
            self.transport.close()

    return Hurried
