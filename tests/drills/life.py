"""One life of the fleet: told where the forge is, and killed at whatever point it was told.

It says where its webhook listens as soon as it has started, answers each line on stdin with how it
stands, and stops when stdin ends.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

from services.fleet.assembly import Fleet, Plan, assemble_fleet
from services.fleet.hosting import Hosted, host
from services.github_ingest.app import Ingest
from shared.bus import Driver, MemoryBus
from shared.bus.amqp import AmqpDriver
from shared.clock import Clock, SystemClock
from shared.errors import BadInput, TryLater
from shared.messages.content import RunKind
from shared.messages.work import RunEnded
from shared.runtime.logs import to_file
from shared.sandbox import Sandbox
from shared.sandbox.bubblewrap import Bubblewrap
from shared.sandbox.process import ProcessSandbox
from shared.store import Handling
from tests.drills.orders import Orders, stand
from tests.drills.points import Points
from tests.drills.probes import (
    WatchedDriver,
    WatchedSandbox,
    owner_below,
    watch_git,
    watch_stores,
)

STOP_GRACE_S = 1.0
STUMBLED = "a stone: stumbled over"


async def live(orders: Orders) -> None:
    """From a start to a stop, or to wherever it is killed."""
    clock = SystemClock()
    _keep_scratch_at(orders.folder / "tmp")
    os.environ.update(orders.environment)
    restarts: asyncio.Queue[str] = asyncio.Queue()
    points = Points(
        orders.record, orders.targets | dict.fromkeys(orders.restarts, 1),
        strike=_strike(orders, restarts), told=None if orders.address else _tell_writes,
    )  # fmt: skip
    owner = owner_below(orders.state)
    async with AsyncExitStack() as stack:
        stack.callback(to_file(orders.folder / "log").close)
        # Tried from inside by who gives the orders: a life that is killed often need not try again.
        sandbox = Bubblewrap(clock) if orders.isolated else ProcessSandbox(clock)
        watch_stores(points)
        watch_git(points, owner)
        hosted = None if orders.address else await _host(orders, clock, stack)
        plan = _plan(orders, hosted, WatchedSandbox(sandbox, points, owner))
        bus = MemoryBus(clock)
        stack.push_async_callback(bus.close)

        def wire() -> Driver:
            if orders.bus.startswith("amqp"):
                return WatchedDriver(AmqpDriver(orders.bus, clock, shared_identity=True), points)
            return WatchedDriver(bus.driver(), points)

        async def build() -> Fleet:
            fleet = await assemble_fleet(plan, clock, wire=wire)
            stack.push_async_callback(fleet.writer.close)
            stack.push_async_callback(fleet.reader.close)
            fleet.services = [
                each for each in fleet.services if each.name in (orders.only or [each.name])
            ]
            return fleet

        fleet = await build()
        if orders.stumbles:
            fleet.console.hears(_stumbling())
        stack.push_async_callback(_stop, fleet)
        await fleet.start()
        points.reach("fleet started")
        if hosted is not None and fleet.ingest.server is not None:
            hosted.hook(fleet.ingest.server.url, fleet.webhook_secret)
            _say({"url": hosted.url, "link": hosted.link(), "token": hosted.token("you")})
        elif fleet.ingest.service in fleet.services:
            _say_where(fleet.ingest, fleet.webhook_secret)
        restarting = asyncio.create_task(_restart(restarts, fleet, build))
        try:
            await _answer(fleet, restarts, restarting)
        finally:
            restarting.cancel()
            await asyncio.gather(restarting, return_exceptions=True)


async def _host(orders: Orders, clock: Clock, stack: AsyncExitStack) -> Hosted:
    """As `up` does it without a forge elsewhere."""
    forge, source = orders.folder / "forge", orders.folder / "source"
    hosted = await host(forge, "local/part", source, clock)
    stack.push_async_callback(hosted.stop)
    return hosted


def _plan(orders: Orders, hosted: Hosted | None, sandbox: Sandbox) -> Plan:
    address = orders.address or (hosted.address() if hosted else None)
    assert address is not None
    return Plan(
        state=orders.state, address=address, git_url=address.base_url, sandbox=sandbox,
        write_token=hosted.token("fleet") if hosted else orders.write_token,
        read_token=hosted.token("reader") if hosted else orders.read_token,
        propose_at_start=orders.propose,
    )  # fmt: skip


def _strike(orders: Orders, restarts: "asyncio.Queue[str]") -> Callable[[str], None]:
    loop = asyncio.get_running_loop()

    def strike(name: str) -> None:
        if name not in orders.restarts:
            os.kill(os.getpid(), signal.SIGKILL if orders.strike == "kill" else signal.SIGSTOP)
            return
        loop.call_soon_threadsafe(restarts.put_nowait, orders.restarts[name])

    return strike


async def _restart(
    restarts: "asyncio.Queue[str]", fleet: Fleet, build: Callable[[], Awaitable[Fleet]]
) -> None:
    """Each service that is named is stopped, and another of the same settings takes its place."""
    while True:
        name = await restarts.get()
        place = next(n for n, each in enumerate(fleet.services) if each.name == name)
        await fleet.services[place].stop()
        other = await build()
        fleet.services[place] = other.services[place]
        await fleet.services[place].start()
        if name == other.ingest.service.name:
            _say_where(other.ingest, other.webhook_secret)
        restarts.task_done()


def _stumbling() -> Callable[[RunEnded, Handling], None]:
    """A handler that asks for another try of a review's end, and never takes a revision's."""
    tried: Counter[UUID] = Counter()

    def stumble(message: RunEnded, at: Handling) -> None:
        """TryLater once, BadInput always."""
        tried[at.id] += 1
        if message.kind is RunKind.REVIEW and tried[at.id] == 1:
            raise TryLater(STUMBLED)
        if message.kind is RunKind.REVISION:
            raise BadInput(STUMBLED)

    return stumble


async def _stop(fleet: Fleet) -> None:
    for service in fleet.services:
        await service.stop(STOP_GRACE_S)


def forget(state: Path, name: str) -> None:
    """Delete a service's database."""
    for file in (state / "databases").glob(f"{name}.db*"):
        file.unlink()


def _keep_scratch_at(folder: Path) -> None:
    """As TMPDIR would: what is left there is this drill's."""
    folder.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = str(folder)


async def _answer(
    fleet: Fleet, restarts: "asyncio.Queue[str]", restarting: "asyncio.Task[None]"
) -> None:
    """Each line that comes with how the fleet stands; an end of the lines ends it."""
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        joining = asyncio.ensure_future(restarts.join())
        await asyncio.wait({joining, restarting}, return_when=asyncio.FIRST_COMPLETED)
        if restarting.done():
            restarting.result()
        _say((await stand(fleet.services)).model_dump(mode="json"))


def _tell_writes(name: str) -> None:
    """Of the embedded forge: whoever watches it from outside has no door to stand at."""
    if name.startswith("forge commit") and name.endswith("after"):
        _say({"wrote": name})


def _say_where(ingest: Ingest, secret: str) -> None:
    assert ingest.server is not None
    _say({"url": ingest.server.url, "secret": secret})


def _say(what: object) -> None:
    print(json.dumps(what), flush=True)
