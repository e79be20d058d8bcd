"""`gatefleet tick`: the same services for one bounded pass, until nothing moves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from services.fleet.achieved import Achieved, steps
from services.fleet.address import forget, leave
from services.fleet.circumstances import TOPICS, Circumstances
from services.fleet.listening import heard_after, last_heard, newest, waiting, worked_here
from services.fleet.living import Asked, Life, alive
from services.fleet.release import running
from services.fleet.room import free_bytes, trouble
from services.github_ingest.looks import Poll
from shared.bus import quiet
from shared.clock import Clock, SystemClock
from shared.jobs import rows
from shared.policy.units import write_duration
from shared.runtime.logs import hear_the_loop, log_as
from shared.runtime.running import serve
from shared.runtime.signals import Told
from shared.store import Handling, told_plainly

AT_THE_LIMIT = "the limit of {limit} came before it was done; the next tick goes on"
INTERRUPTED = (
    "the limit of {limit} came; {count} run(s) were interrupted, and the next tick resumes them"
)
TOLD = "stopped by {signal} before it was done; the next tick goes on"
PUT_OFF = "{what}: {error}; tried again from {until:%H:%M:%S} UTC on, or by the next tick"
BROKEN = "a service broke: its error is in the log above; report it, and run the tick again"
NO_CAUSE = "it has to wait"

LOOK_S = 0.1
AGAIN_S = 20.0
"""What is tried again only after so long does not keep a pass from ending: it says so instead."""


async def tick(asked: Asked, limit: timedelta) -> Achieved:
    """Start, let everything settle, stop. GatefleetError when it cannot begin."""
    log_as(asked.settings, quiet=True)
    hear_the_loop(asyncio.get_running_loop())
    found: list[Pass] = []
    with told_plainly(), Told() as told:
        opened = _opened(asked, limit, SystemClock(), found.append)
        code = await serve(opened, told=told.event)
    by = told.by.name if told.by is not None else ""
    return found[0].achieved(code, by) if found else _nothing(by)


@asynccontextmanager
async def _opened(
    asked: Asked, limit: timedelta, clock: Clock, tell: Callable[["Pass"], None]
) -> AsyncIterator["Pass"]:
    async with alive(asked, clock) as life:
        here = Pass(asked, life, limit, clock)
        tell(here)
        yield here


@dataclass
class Pass:
    """What is started, waited for until it settles, and stopped."""

    asked: Asked
    life: Life
    limit: timedelta
    clock: Clock
    settled: bool = False
    at_limit: bool = False
    _began: float = 0.0
    _has_begun: bool = False
    _full: str | None = None
    _before: int = 0
    _seen: Achieved | None = None
    _reasons: tuple[str, ...] = ()
    _left: int = 0

    async def start(self) -> None:
        """Begin."""
        self._began = self.clock.monotonic()
        fleet = self.life.fleet
        await fleet.prepare()
        self._before = await last_heard(fleet.console.store)
        await self.life.begin()
        self._has_begun = True
        leave(self.asked.state, running(self.life, self.asked.state, self.clock.now()))

    async def broken(self) -> None:
        """Return once nothing moves or the limit has come; raise what a service ended with."""
        waits = [
            asyncio.ensure_future(self.life.fleet.broken()),
            asyncio.ensure_future(self._until_settled()),
        ]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def stop(self, grace_s: float = 0.0) -> None:
        """See what came of it, then drain."""
        forget(self.asked.state)
        try:
            if self._has_begun and self._full is None:
                await self._look_back()
        finally:
            await self.life.fleet.stop(grace_s)

    def achieved(self, code: int, by: str) -> Achieved:
        """The pass as a whole, once it is over. `code`: how serving it ended; `by`: a signal."""
        reasons = self._reasons
        if code != 0:
            reasons = (BROKEN,)
        elif self._full is not None:
            reasons = (self._full,)
        elif self.at_limit:
            words = INTERRUPTED if self._left else AT_THE_LIMIT
            reasons = (words.format(limit=write_duration(self.limit), count=self._left),)
        elif not self.settled:
            reasons = (TOLD.format(signal=by),)
        seen = self._seen or _nothing(by)
        return Achieved(
            seen.repository, seen.steps, seen.waiting, seen.seconds, reasons, seen.troubles,
            code=1 if reasons else 0,
        )  # fmt: skip

    async def _until_settled(self) -> None:
        in_a_row, polled_at = 0, -1
        ends = self._began + self.limit.total_seconds()
        while in_a_row < 2:
            if self.clock.monotonic() >= ends:
                self.at_limit = True
                return
            state = self.asked.state
            self._full = trouble(state, left=free_bytes(state))
            if self._full is not None:
                return
            in_a_row = in_a_row + 1 if await self._still() else 0
            if in_a_row == 2 and self.life.forge.hosted is None:
                heard = await last_heard(self.life.fleet.console.store)
                if heard != polled_at:  # a forge elsewhere may have moved with what was written
                    polled_at, in_a_row = heard, 0
                    await self.life.fleet.ingest.service.commit("poll_again", _poll)
                    continue
            await self.clock.sleep(LOOK_S if in_a_row == 0 else 0)
        self.settled = True

    async def _still(self) -> bool:
        return self.life.forge.idle() and await quiet(self.life.fleet.services, beyond_s=AGAIN_S)

    async def _look_back(self) -> None:
        console = self.life.fleet.console.store
        heard = [each.message for each in await heard_after(console, self._before)]
        now = Circumstances()
        for message in await newest(console, TOPICS):
            now = now.after(message)
        self._seen = Achieved(
            repository=str(self.life.fleet.repo), steps=steps(heard, await worked_here(console)),
            waiting=await waiting(console, self.life.forge.repository),
            seconds=self.clock.monotonic() - self._began,
            troubles=tuple(now.troubles()),
        )  # fmt: skip
        if now.stopped is None:  # what waits for the kill switch is told by the line about that
            self._reasons = tuple(await self._put_off())
        self._left = await self._runs_left()

    async def _put_off(self) -> list[str]:
        later = self.clock.now() + timedelta(seconds=AGAIN_S / 2)
        found = []
        for service in self.life.fleet.services:
            for job in await service.store.run(lambda session: rows.put_off(session, later)):
                error = " ".join(job.error.split()) or NO_CAUSE
                what = job.correlation or service.name
                found.append(PUT_OFF.format(what=what, error=error, until=job.until))
        return list(dict.fromkeys(found))

    async def _runs_left(self) -> int:
        agents = [each for each in self.life.fleet.services if "run" in each.duties]
        return sum([await each.store.run(rows.open_jobs) for each in agents])


def _poll(_at: Handling) -> list[Poll]:
    return [Poll()]


def _nothing(by: str) -> Achieved:
    return Achieved("", (), 0, 0.0, (TOLD.format(signal=by),), code=1)
