"""How a process does: whether it lives, and whether it does its work now; asked by whoever runs it.

/healthz: its event loop answers and none of its parts has ended. /readyz: it is started, its stores and
its bus are there, and it consumes.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from shared.bus import Service
from shared.observing.exporting import Recorders
from shared.runtime.listening import address, listen
from shared.runtime.probes import Answer, Pages, Probes
from shared.runtime.settings import WatchedSettings

log = structlog.get_logger()

FINE = "ok\n"
LINE = "{why}\n"
OPENING = "starting: what it needs is not there yet"
STARTING = "starting"
STOPPING = "stopping"
BROKEN = "broken: {error!r}"
NO_ANSWER = "{service}: no answer from its bus within {seconds:g} s"
ASK_S = 1.0


class Standing:
    """Of one process. Told by what starts and stops it; silent where nobody asks."""

    def __init__(self, recorders: Recorders | None = None) -> None:
        """`recorders`: of the spans of what will be started; None: nobody records them."""
        self._recorders = recorders
        self.services: Sequence[Service] = ()
        self._why = OPENING
        """Why it is not ready; empty once it is started."""
        self._broken = ""

    def opened(self, services: Sequence[Service]) -> None:
        """Everything is built; it will be started."""
        self.services = services
        self._why = STARTING
        if self._recorders is not None:
            for service in services:
                service.recorded_by(self._recorders(service.name, service.instance))

    def started(self) -> None:
        """It does its work from now on."""
        self._why = ""

    def stopping(self) -> None:
        """It takes nothing new."""
        self._why = STOPPING

    def broke(self, error: BaseException) -> None:
        """A part of it ended."""
        self._broken = BROKEN.format(error=error)

    async def healthz(self) -> Answer:
        """200 while it lives; whoever is asked and does not answer at all does not."""
        return _answer(self._broken)

    async def readyz(self) -> Answer:
        """200 while it does its work, else 503 and why not, in one line."""
        if self._broken or self._why == STOPPING:
            return _answer(self._broken or STOPPING)
        for service in self.services:
            why = await _unready(service)
            if why:
                return _answer(why)
        clocks = (each.clocks.trouble for each in self.services)
        return _answer(self._why, next((why for why in clocks if why), ""))


def _answer(why: str, but: str = "") -> Answer:
    """`but`: what is to be mended although it works."""
    if why:
        return Answer(503, LINE.format(why=" ".join(why.split())))
    return Answer(200, FINE + (LINE.format(why=but) if but else ""))


async def _unready(service: Service) -> str:
    try:
        async with asyncio.timeout(ASK_S):
            return await service.unready()
    except TimeoutError:
        return NO_ANSWER.format(service=service.name, seconds=ASK_S)


@asynccontextmanager
async def asked_at(settings: object, recorders: Recorders | None = None) -> AsyncIterator[Standing]:
    """What is asked at the settings' address while this is entered; nothing listens without a port.

    BadInput when the address is taken.
    """
    standing = Standing(recorders)
    if not isinstance(settings, WatchedSettings) or settings.status_port is None:
        yield standing
        return
    from shared.observing.exposing import (  # a process that nobody asks does without
        KIND,
        Exposition,
    )

    exposition = Exposition()

    async def metrics() -> Answer:
        return Answer(200, await exposition.text(standing.services), KIND)

    pages: Pages = {
        "/healthz": standing.healthz, "/readyz": standing.readyz, "/metrics": metrics,
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        listener = listen(settings.status_host, settings.status_port)
        stack.callback(listener.close)
        probes = Probes(pages, listener)
        await probes.start()
        stack.push_async_callback(probes.stop)
        log.info("status_answers", url=address(listener), pages=list(pages))
        yield standing
