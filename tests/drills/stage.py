"""A drill from its first start to rest: the fleet is killed where it was told, and started again."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.demo.browser import Browser
from services.fleet.hosting import Hosted
from shared.clock import SystemClock
from shared.forge.github.open import open_reader
from tests.drills.door import Door
from tests.drills.forge import forge_with_a_door
from tests.drills.life import forget
from tests.drills.orders import Orders, Stand
from tests.drills.person import Person
from tests.drills.points import Points, passed
from tests.drills.process import Nursery, Process
from tests.drills.repository import make_repository

RECORD = "passed"
DOOR = "forge "
SILENCE_S = 180.0
"""For so long nobody has written anything to the forge, and no life has begun or ended: it hangs."""


@dataclass
class Kill:
    """One strike and what came after it."""

    point: str
    at: float
    ready_s: float = 0.0
    """From the kill until the next life had started all its services."""


@dataclass
class Stage:
    """The forge, the person, and one life of the fleet after the other."""

    folder: Path
    nursery: Nursery
    hosted: Hosted
    door: Door
    person: Person
    bus: str
    isolated: bool
    forgets: tuple[str, ...] = ()
    """Services whose databases are deleted after every kill."""
    restarts: dict[str, str] = field(default_factory=dict)
    """At which point which service is stopped and started alone."""
    stumbles: bool = False
    aims: dict[str, int] = field(default_factory=dict)
    """Where the fleet is still to be killed; each life is told of all that are left."""
    kills: list[Kill] = field(default_factory=list)
    life: Process | None = None

    async def until_rest(self) -> Stand:
        """Play until the pull request is merged and nothing moves any more, through every kill."""
        # Not of one life's: a person does not let go of a button because the fleet was killed.
        person = asyncio.ensure_future(self.person.stay(self.door.wrote))
        try:
            async with asyncio.timeout(SILENCE_S) as patience:
                self.door.heard = lambda: _anew(patience)
                while True:
                    _anew(patience)
                    await self._begin()
                    stand = await self._live()
                    if stand is not None:
                        await person
                        return stand
        finally:
            self.door.heard = _nobody
            person.cancel()
            await asyncio.gather(person, return_exceptions=True)

    async def end(self) -> int:
        """Stop what runs, as SIGTERM's cousin: no more lines; returns its exit code."""
        assert self.life is not None
        return await self.life.stop()

    def strike(self) -> None:
        """Kill the life that runs, from outside."""
        assert self.life is not None
        self.life.kill()

    async def put_away(self) -> None:
        """Leave nothing running, however the drill went."""
        if self.life is not None:
            self.life.kill()
            await self.life.ended()

    async def _begin(self) -> None:
        self.door.gone.clear()
        self.door.points.aim(_at(self.aims, forge=True))
        orders = Orders(
            folder=self.folder, address=self.hosted.address(), bus=self.bus,
            write_token=self.hosted.token("fleet"), read_token=self.hosted.token("reader"),
            targets=_at(self.aims, forge=False), restarts=self.restarts,
            stumbles=self.stumbles, isolated=self.isolated,
        )  # fmt: skip
        self.life = await Process.start(self.nursery, orders)

    async def _live(self) -> Stand | None:
        """One life; None when it was killed."""
        life = self.life
        assert life is not None
        ended = asyncio.ensure_future(life.ended())
        playing = asyncio.ensure_future(self._play(life))
        try:
            await asyncio.wait({ended, playing}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                self._killed(life, ended.result())
                return None
            return playing.result()
        finally:
            for each in (ended, playing):
                each.cancel()
            await asyncio.gather(ended, playing, return_exceptions=True)

    def _killed(self, life: Process, code: int) -> None:
        assert code == -9, f"it ended by itself with {code}: {life.log_end()}"
        self.door.gone.set()
        hit = next(each for each in reversed(passed(self.record)) if each.hit)
        self.kills.append(Kill(hit.name, hit.at))
        del self.aims[hit.name]
        for name in self.forgets:
            forget(self.folder / "fleet", name)

    async def _play(self, life: Process) -> Stand:
        place = await life.places.get()
        if self.kills and not self.kills[-1].ready_s:
            self.kills[-1].ready_s = time.monotonic() - self.kills[-1].at
        self.hosted.hook(place["url"], place["secret"])
        following = asyncio.ensure_future(self._follow(life))
        try:
            await self.person.done.wait()
            return await self._rest(life)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self, life: Process) -> None:
        """Webhooks go where they are listened for, also when that service was started anew."""
        while True:
            place = await life.places.get()
            self.hosted.hook(place["url"], place["secret"])

    async def _rest(self, life: Process) -> Stand:
        """How it stands when nothing moved twice in a row."""
        at_rest = 0
        while True:
            writes = self.door.writes
            stand = Stand.model_validate(await life.ask())
            still = stand.quiet and self.door.writes == writes and self.hosted.local.idle()
            at_rest = at_rest + 1 if still else 0
            if at_rest == 2:
                return stand
            await asyncio.sleep(0.01)

    @property
    def record(self) -> Path:
        """What was passed, by all lives and at the door."""
        return self.folder / RECORD


def _nobody() -> None:
    """Nobody waits."""


def _anew(patience: asyncio.Timeout) -> None:
    """As long as something happens there is no hurry: how long a story takes says how busy it is."""
    if not patience.expired():
        patience.reschedule(asyncio.get_running_loop().time() + SILENCE_S)


def _at(aims: Mapping[str, int], *, forge: bool) -> dict[str, int]:
    return {name: nth for name, nth in aims.items() if name.startswith(DOOR) == forge}


@asynccontextmanager
async def stage(
    folder: Path, nursery: Nursery, aims: Mapping[str, int] | None = None, *, isolated: bool,
    bus: str = "memory://", forgets: tuple[str, ...] = (), lease: str = "2m",
) -> AsyncIterator[Stage]:  # fmt: skip
    """Everything but the fleet, which `until_rest` starts."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    struck: list[Stage] = []
    points = Points(folder / RECORD, {}, strike=lambda _: struck[0].strike())
    async with AsyncExitStack() as stack:
        source = make_repository(folder / "source", lease=lease)
        hosted, door = await stack.enter_async_context(
            forge_with_a_door(folder / "forge", source, clock, points)
        )
        reader = open_reader(hosted.address(), token=lambda: hosted.token("you"), clock=clock)
        stack.push_async_callback(reader.close)
        browser = Browser(hosted.url)
        stack.push_async_callback(browser.close)
        await browser.log_in(hosted.link())
        person = Person(f"{hosted.owner}/{hosted.name}", reader, browser)
        made = Stage(
            folder, nursery, hosted, door, person, bus, isolated, forgets, aims=dict(aims or {})
        )
        struck.append(made)
        stack.push_async_callback(made.put_away)
        yield made
