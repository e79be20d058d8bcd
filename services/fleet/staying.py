"""`gatefleet up`: the same services as a long-running process, until it is told to stop."""

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.console.reading import events
from services.console.view import Views
from services.fleet.assembly import Fleet, Plan, assemble_fleet
from services.fleet.hosting import Hosted, host
from shared.clock import SystemClock
from shared.runtime.logs import to_stream
from shared.sandbox import choose

FIRST = "{repo} as {account} · bus {bus} · engine {engine} · {budget} · {waiting} · {url}"
NO_BUDGET = "no budget: nothing may be spent"
WAITING = "{count} thing(s) wait for you"
LOG_IN = "log in once: {link}"
STOPPING = "stopping: what runs is finished or resumed at the next start"
DRAIN_S = 8.0
PAGE = 1000


@dataclass(frozen=True)
class Stay:
    """The command line of `gatefleet up`."""

    state: Path
    repository: str | None
    """`owner/name` of a repository that is new here; None: the one that is here already."""
    source: Path | None
    port: int
    sandbox: Literal["auto", "bubblewrap", "process"]


async def stay(asked: Stay, say: Callable[[str], None] = print) -> None:
    """Run until SIGTERM or SIGINT; drain, and stop within ten seconds."""
    clock = SystemClock()
    to_stream(sys.stderr)
    async with AsyncExitStack() as stack:
        allowed = asked.sandbox == "process"
        sandbox = await choose(asked.sandbox, process_allowed=allowed, clock=clock)
        hosted = await host(
            asked.state / "forge", asked.repository, asked.source, clock, port=asked.port
        )
        stack.push_async_callback(hosted.stop)
        plan = Plan(
            state=asked.state / "fleet", address=hosted.address(), git_url=hosted.url,
            write_token=hosted.token("fleet"), read_token=hosted.token("reader"), sandbox=sandbox,
        )  # fmt: skip
        fleet = await assemble_fleet(plan, clock)
        stack.push_async_callback(fleet.stop, DRAIN_S)
        await fleet.start()
        assert fleet.ingest.server is not None
        hosted.hook(fleet.ingest.server.url, fleet.webhook_secret)
        say(await first_line(fleet, hosted))
        say(LOG_IN.format(link=hosted.link()))
        await _told_or_broken(fleet)
        say(STOPPING)


async def first_line(fleet: Fleet, hosted: Hosted) -> str:
    """Where, what and how much."""
    views = Views()
    after = 0
    while heard := await fleet.console.store.run(
        lambda session: events(session, after=after, limit=PAGE)  # noqa: B023 - run at once
    ):
        for each in heard:
            after = each.seq
            views.take(each.message)
    count = sum(views.shown(number).standing.waits_for_person for number in views.issues)
    me = await fleet.writer.me()
    return FIRST.format(
        repo=fleet.repo, account=me.login, bus="memory", engine="command", budget=NO_BUDGET,
        waiting=WAITING.format(count=count), url=hosted.url,
    )  # fmt: skip


async def told_to_stop() -> None:
    """Return at the first SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    try:
        await told.wait()
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


async def _told_or_broken(fleet: Fleet) -> None:
    """Return when told to stop; raise what ended a service's loop: it must not look alive."""
    waits = [asyncio.ensure_future(told_to_stop())]
    waits += [asyncio.ensure_future(service.broken()) for service in fleet.services]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
