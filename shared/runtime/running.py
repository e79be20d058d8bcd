"""A service as a process of its own: settings, logs, start, stop on a signal, exit code.

if __name__ == "__main__":
    sys.exit(run(on_bus(Settings, opened, about=__doc__)))
"""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog
from pydantic import BaseModel

from shared.bus import Driver, Service
from shared.clock import Clock, SystemClock
from shared.errors import BadInput, GatefleetError
from shared.observing.exporting import Recorders, exporting
from shared.runtime.holding import hold, hold_free
from shared.runtime.logs import log_as, to_stream
from shared.runtime.settings import FOR_ALL, FREE, NO_BROKER, BusSettings, read_settings
from shared.runtime.signals import Told
from shared.runtime.standing import Standing, asked_at
from shared.runtime.variables import USAGE, Variables, help_text
from shared.store import told_plainly

log = structlog.get_logger()

STOPPED, FAILED, BAD_INPUT = 0, 1, 2

GRACE_S = 2.0
"""Jobs in hand may take so long at a stop; the others are resumed at the next start."""
STOP_WITHIN_S = 8.0
"""The whole stop, so that there is time to let go of the rest before `Told` ends the process."""

_BROKERS = ("amqp://", "amqps://")


class Running(Protocol):
    """What is started, waited for and stopped: a `Service`, or something that serves."""

    async def start(self) -> None:
        """Begin; return when it is ready."""
        ...

    async def stop(self, grace_s: float = 0.0) -> None:
        """Take nothing new, finish what is in hand."""
        ...

    async def broken(self) -> None:
        """Return after `stop`, or raise what a part of it ended with."""
        ...


S = TypeVar("S", bound=BaseModel)
B = TypeVar("B", bound=BusSettings)

OnBus = Callable[[B, Driver, Clock], AbstractAsyncContextManager[Running]]


@dataclass(frozen=True)
class Program(Generic[S]):
    """What a `__main__.py` runs. `about`: its docstring, the first lines of its help."""

    about: str
    variables: Variables
    read: Callable[[Mapping[str, str]], S]
    """The settings of an environment; BadInput with one line for each that is wrong."""
    opened: Callable[[S, Clock], AbstractAsyncContextManager[Running]]
    """Builds what runs, not started yet; what it holds is let go of at the end."""


def alone(build: Callable[[B, Driver, Clock], Running]) -> OnBus[B]:
    """`build` as `on_bus` wants it, for a service that holds nothing to let go of."""
    return lambda settings, driver, clock: nullcontext(build(settings, driver, clock))


def on_bus(
    kind: type[B], opened: OnBus[B], *, about: str | None, stands_by: bool = False
) -> Program[B]:
    """A service against a shared broker.

    `stands_by`: a second process on its database waits to take over; else it is refused.
    """
    prefix = str(kind.model_config.get("env_prefix", ""))

    def read(environment: Mapping[str, str]) -> B:
        settings = read_settings(kind, environment)
        if not settings.bus.startswith(_BROKERS):
            raise BadInput(f"{prefix}BUS: {NO_BROKER}")
        return settings

    @asynccontextmanager
    async def with_driver(settings: B, clock: Clock) -> AsyncIterator[Running]:
        from shared.bus.amqp import AmqpDriver  # a fleet in one process does without its libraries

        shared = settings.bus_identity == "shared"
        name = prefix.removeprefix(FOR_ALL).rstrip("_").lower().replace("_", "-")
        async with AsyncExitStack() as stack:
            if settings.instance == FREE:
                settings = stack.enter_context(_first_free(settings, name))
            elif not settings.database_url and not stands_by:  # a file of this instance only
                lock = f"{name}.{settings.instance}.lock"
                stack.enter_context(hold(settings.state, f"run {name}", lock=lock))
            driver = AmqpDriver(settings.bus, clock, shared_identity=shared)
            running = await stack.enter_async_context(opened(settings, driver, clock))
            if isinstance(running, Service):
                running.store.upgrades_apart = True
            yield running

    return Program(about or "", Variables(kind, prefix), read, with_driver)


@contextmanager
def _first_free(settings: B, name: str) -> Iterator[B]:
    """The settings of the first instance that no process of this state folder is."""
    with hold_free(settings.state, f"run {name}", lock=f"{name}.{{place}}.lock") as place:
        yield settings.model_copy(update={"instance": place})


def run(
    program: Program[Any],
    arguments: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """0 when it was told to stop, 2 for wrong settings or what it needs and does not have, else 1.

    Whatever is wrong is said in one line each on stderr. Left out: those of this process.
    """
    given = sys.argv[1:] if arguments is None else arguments
    if given in (["--help"], ["-h"]):
        print(help_text(program.about, program.variables))
        return STOPPED
    if given:
        print(USAGE.format(module=program.variables.module), file=sys.stderr)
        return BAD_INPUT
    to_stream(sys.stderr)
    try:
        environment = os.environ if environment is None else environment
        settings = program.read(environment)
        log_as(settings)
        with told_plainly():
            return asyncio.run(_until_signalled(program, settings, environment))
    except GatefleetError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT


async def _until_signalled(program: Program[S], settings: S, environment: Mapping[str, str]) -> int:
    async with exporting(environment) as recorders:
        with Told() as told:
            return await live(
                program, settings, SystemClock(), told=told.event, recorders=recorders,
                begun=freeze_what_the_start_made,
            )  # fmt: skip


def freeze_what_the_start_made() -> None:
    """Called once a process works. What its start has made stays as long as the process does, and to go
    through all of it for garbage takes some fifty milliseconds, in which nothing else is done."""
    gc.collect()
    gc.freeze()


def _nothing() -> None: ...


async def live(
    program: Program[S], settings: S, clock: Clock, *, told: asyncio.Event,
    recorders: Recorders | None = None, begun: Callable[[], None] = _nothing,
) -> int:  # fmt: skip
    """Open, start and serve until `told`; then stop within `STOP_WITHIN_S`.

    `begun`: called once it works. Raises what opening and starting raise: then nothing of it is left.
    """
    async with asked_at(settings, recorders) as standing:
        opened = program.opened(settings, clock)
        return await serve(opened, told=told, standing=standing, begun=begun)


async def serve(
    opened: AbstractAsyncContextManager[Running], *, told: asyncio.Event,
    standing: Standing | None = None, begun: Callable[[], None] = _nothing,
) -> int:  # fmt: skip
    """The same for what is no service by itself; `standing`: told how far it is."""
    standing = standing or Standing()
    async with AsyncExitStack() as stack:
        opening = asyncio.ensure_future(stack.enter_async_context(opened))
        if not await _came_first(opening, told):
            return STOPPED
        running = opening.result()
        if isinstance(running, Service):
            standing.opened([running])
        try:
            return await _started(running, told, standing, begun)
        finally:
            standing.stopping()
            await _stop(running)


async def _started(
    running: Running, told: asyncio.Event, standing: Standing, begun: Callable[[], None]
) -> int:
    starting = asyncio.ensure_future(running.start())
    if not await _came_first(starting, told):
        return STOPPED
    starting.result()
    standing.started()
    begun()
    breaking = asyncio.ensure_future(running.broken())
    if not await _came_first(breaking, told):
        return STOPPED
    error = breaking.exception()
    if error is None:
        return STOPPED
    standing.broke(error)
    log.error("service_broken", error=str(error), exc_info=error, next="stops, to be started anew")
    return FAILED


async def _came_first(doing: "asyncio.Future[Any]", told: asyncio.Event) -> bool:
    """Wait for `doing`; False when `told` came first, and then it is cancelled."""
    waiting = asyncio.ensure_future(told.wait())
    try:
        await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
        return doing.done()
    finally:
        waiting.cancel()
        if not doing.done():
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)


async def _stop(running: Running) -> None:
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await running.stop(GRACE_S)
    except TimeoutError:
        log.warning("stop_cut_short", after_s=STOP_WITHIN_S,
                    next="what was in hand is delivered again")  # fmt: skip
