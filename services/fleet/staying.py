"""`gatefleet up`: the same services as a long-running process, until it is told to stop."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.fleet.address import forget, leave
from services.fleet.circumstances import TOPICS, Circumstances, Place, first_line
from services.fleet.listening import newest, waiting
from services.fleet.living import Asked, Life, alive
from services.fleet.release import running
from services.fleet.room import free_bytes, trouble
from services.fleet.voice import Voice
from services.fleet.watching import Watching
from shared.bus import quiet
from shared.clock import Clock, SystemClock
from shared.observing.exporting import exporting
from shared.runtime.logs import hear_the_loop, log_as
from shared.runtime.running import freeze_what_the_start_made, serve
from shared.runtime.signals import Told
from shared.runtime.standing import Standing, asked_at
from shared.store import told_plainly

LOG_IN = "log in once: {link}"
ISOLATION = "sandbox: {isolation}"
STOPPING = "stopping: what runs is finished or resumed at the next start"
BUS = "memory"

KNOWN_S, UNKNOWN_S = 1.0, 30.0
"""How long the first line waits for things to settle, once the repository is known and before that."""
LOOK_S = 0.02
ROOM_S = 10.0


async def stay(asked: Asked, voice: Voice) -> int:
    """Run until SIGTERM, SIGINT or SIGHUP; drain, and be gone within ten seconds.

    0 when it was told to stop, 1 when a service broke. GatefleetError when it cannot begin.
    """
    log_as(asked.settings, quiet=sys.stderr.isatty())
    hear_the_loop(asyncio.get_running_loop())
    with told_plainly(), Told() as told:
        async with (
            exporting(os.environ) as recorders,
            asked_at(asked.settings, recorders) as standing,
        ):
            opened = _opened(asked, SystemClock(), voice.say, standing)
            return await serve(
                opened, told=told.event, standing=standing, begun=freeze_what_the_start_made
            )


@asynccontextmanager
async def _opened(
    asked: Asked, clock: Clock, say: Callable[[str], None], standing: Standing
) -> AsyncIterator["Staying"]:
    async with alive(asked, clock) as life:
        standing.opened(life.fleet.services)
        yield Staying(asked, life, clock, say)


@dataclass
class Staying:
    """What is started, waited for and stopped."""

    asked: Asked
    life: Life
    clock: Clock
    say: Callable[[str], None]
    _watching: Watching | None = None
    _room: asyncio.Task[None] | None = None
    _has_greeted: bool = False

    async def start(self) -> None:
        """Begin, and tell where, what and how much."""
        fleet = self.life.fleet
        await fleet.prepare()
        now = Circumstances()
        for message in await newest(fleet.console.store, TOPICS):
            now = now.after(message)
        watching = self._watching = Watching(fleet.bus.driver(), now, self.say)
        await watching.start()
        await self.life.begin()
        await self._until_known(watching)
        leave(self.asked.state, running(self.life, self.asked.state, self.clock.now()))
        await self._greet(watching)

    async def stop(self, grace_s: float = 0.0) -> None:
        """Drain."""
        forget(self.asked.state)
        if self._has_greeted:
            self.say(STOPPING)
        if self._room is not None:
            self._room.cancel()
        if self._watching is not None:
            await self._watching.stop()
        await self.life.fleet.stop(grace_s)

    async def broken(self) -> None:
        """Return after `stop`, or raise what a part ended with: it must not look alive."""
        assert self._watching is not None
        waits = [
            asyncio.ensure_future(self.life.fleet.broken()),
            asyncio.ensure_future(self._watching.broken()),
        ]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _until_known(self, watching: Watching) -> None:
        """A forge that is slow or away must not keep the first line back for long."""
        began = self.clock.monotonic()
        while True:
            known = watching.is_fresh and watching.now.on is not None
            if known and await quiet(self.life.fleet.services):
                return
            if self.clock.monotonic() - began >= (KNOWN_S if known else UNKNOWN_S):
                return
            await self.clock.sleep(LOOK_S)

    async def _greet(self, watching: Watching) -> None:
        fleet, forge = self.life.fleet, self.life.forge
        self._has_greeted = True
        me = await fleet.writer.me()
        place = Place(str(fleet.repo), me.login, BUS, forge.pages)
        count = await waiting(fleet.console.store, forge.repository)
        self.say(first_line(place, watching.now, count))
        if forge.hosted is not None:
            self.say(LOG_IN.format(link=forge.hosted.link()))
        if self.life.sandbox.name == "process":
            self.say(ISOLATION.format(isolation=self.life.sandbox.isolation))
        watching.greet()
        self._room = asyncio.create_task(self._watch_room())

    async def _watch_room(self) -> None:
        """A full disk is said once: the stores themselves try again for ever."""
        told = False
        while True:
            line = trouble(self.asked.state, left=free_bytes(self.asked.state))
            if line is not None and not told:
                self.say(line)
            told = line is not None
            await self.clock.sleep(ROOM_S)
