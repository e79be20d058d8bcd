"""The gatekeeper at work: a real store, a real forge, a real repository, a bus; time stands still.

The other services are played by hand: what the ingest, the scheduler and the agents would say is
said by the test. Settled is: nothing runs and nothing is due; what waits for later goes on waiting.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid5

import httpx
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.fleet.hosting import Hosted, host
from services.gatekeeper.app import build
from services.gatekeeper.desk import Desk
from services.gatekeeper.settings import Settings
from services.gatekeeper.tables import Base
from services.local_forge.domain.actor import Actor
from services.local_forge.domain.forge import Forge
from services.local_forge.tables import Repository
from services.local_forge.tables.people import Role
from shared.bus import MemoryBus, Queue, Service
from shared.bus.driver import Done
from shared.clock import FakeClock
from shared.forge.facts import ForgeAddress
from shared.forge.github.open import GitHubReader, open_reader, open_writer
from shared.git.commits import Person
from shared.git.mirror import Mirror
from shared.jobs.rows import JOBS
from shared.messages import Message, Repo, read
from shared.store import Handling, Store
from shared.store.outbox import seal
from tests.local_forge.place import make_source

FLEET = "gatefleet[bot]"
AUTHOR = Person(FLEET, "fleet@example.org")
REREAD_S = 300.0
_SPACE = UUID(int=7)

M = TypeVar("M", bound=Message)
Row = TypeVar("Row", bound=Base)


class ClientClock(FakeClock):
    """The forge client's: it waits before a second try, and here that takes no time."""

    async def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.advance(seconds)


@dataclass
class World:
    """What a test stands in. `heard` is everything that the gatekeeper said, in order."""

    folder: Path
    hosted: Hosted
    clock: FakeClock
    bus: MemoryBus
    reader: GitHubReader
    repo: Repo
    service: Service = field(init=False)
    desk: Desk = field(init=False)
    heard: list[Message] = field(default_factory=list)
    at_fetch: list[Callable[[], object]] = field(default_factory=list)
    """Happens when git fetches next: between a job's first look and its effect."""
    ids: set[UUID] = field(default_factory=set)
    """Of every message that was heard: what is restated is heard once."""
    _said: int = 0
    _seen: int = 0

    @property
    def forge(self) -> Forge:
        """The forge's domain: what people do is done there."""
        return self.hosted.local.forge

    @property
    def place(self) -> Repository:
        """The repository as the forge knows it now."""
        return self.forge.repositories.get("octo", "hello")

    def person(self, login: str = "you", role: Role | None = None) -> Actor:
        """Somebody who acts; with a role it is theirs from now on."""
        if role is not None:
            return self.forge.join(login, self.place, role)
        return self.forge.accounts.actor(login)

    def build(self) -> None:
        """The gatekeeper over its state folder, as `app.build` makes it."""
        state = self.folder / "fleet"
        self.service = build(
            Settings(state=state, reread_s=REREAD_S, unknown_run_s=300.0),
            self.bus.driver(), self.clock, desks=lambda store: [self._desk(store, state)],
        )  # fmt: skip

    def _desk(self, store: Store, state: Path) -> Desk:
        app = httpx.ASGITransport(app=self.hosted.local.app)
        writer = open_writer(
            _address(self.hosted), token=lambda: self.hosted.token("fleet"), clock=ClientClock(),
            transport=app,
        )  # fmt: skip

        async def token() -> str | None:
            return self.hosted.token("fleet")

        async def fetching() -> str | None:
            while self.at_fetch:
                self.at_fetch.pop()()
            return await token()

        url = f"{self.hosted.url}/octo/hello.git"
        (state / "scratch").mkdir(parents=True, exist_ok=True)
        self.desk = Desk(
            repo=self.repo, forge=writer, mirror=Mirror(state / "mirror.git", url, fetching),
            push_url=url, token=token, scratch=state / "scratch", state=state, author=AUTHOR,
            clock=self.clock, store=store, secrets=(self.hosted.token("fleet").encode(),),
        )  # fmt: skip
        return self.desk

    async def restart(self, *, forget: bool = False) -> None:
        """The gatekeeper dies where it stands and is started again; `forget`: without its database."""
        await self.service.stop()
        if forget:
            for each in (self.folder / "fleet" / "databases").glob("gatekeeper*"):
                each.unlink()
        self.build()
        await self.service.start()

    async def say(self, message: Message, sender: str) -> None:
        """A message of another service, heard by all who hear it."""
        self._said += 1
        cause = uuid5(_SPACE, str(self._said))
        async with asyncio.timeout(20):
            at = Handling(Session(), self.clock.now(), cause)
            await self.bus.publish(seal(message, at, sender=sender, position=0))

    async def settle(self) -> None:
        """Return once nothing runs and nothing is due, three looks in a row."""
        still = 0
        async with asyncio.timeout(30):
            while still < 3:
                still = still + 1 if await self._still() else 0
                await asyncio.sleep(0.001)

    async def _still(self) -> bool:
        if self.bus.depth() or any(each.busy for each in self.service.deliveries):
            return False
        return await self.service.relay.idle() and not await self.service.store.run(self._due)

    def _due(self, session: Session) -> int:
        due = or_(
            JOBS.c.state == "running",
            (JOBS.c.state == "queued") & (JOBS.c.not_before <= self.clock.now()),
        )
        return session.scalar(select(func.count()).select_from(JOBS).where(due)) or 0

    async def waiting(self) -> dict[str, str]:
        """Jobs that wait for a later try, with why."""
        query = select(JOBS.c.kind, JOBS.c.error).where(JOBS.c.state == "queued")
        return await self.service.store.run(
            lambda session: {row.kind: row.error for row in session.execute(query)}
        )

    async def pass_time(self, seconds: float) -> None:
        """Move the clock at once, and let everything that came due be done."""
        self.clock.advance(seconds)
        await self.settle()

    def said(self, kind: type[M]) -> list[M]:
        """Every message of a kind that the gatekeeper said."""
        return [each for each in self.heard if isinstance(each, kind)]

    def topics(self) -> list[str]:
        """What it said since the last look, by topic."""
        new = self.heard[self._seen :]
        self._seen = len(self.heard)
        return [each.topic for each in new]

    async def rows(self, table: type[Row]) -> list[Row]:
        """All rows of a table of the gatekeeper."""

        def work(session: Session) -> list[Row]:
            found = list(session.scalars(select(table)))
            session.expunge_all()
            return found

        return await self.service.store.run(work)

    async def ask(self, work: Callable[[Session], Row]) -> Row:
        """Anything else of its store."""
        return await self.service.store.run(work)

    def writes(self, *, since: int = 0) -> list[str]:
        """What the fleet wrote on the forge, reads and refusals left out: `METHOD path`."""
        return [
            f"{each.method} {each.path.removeprefix('/repos/octo/hello')}"
            for each in self.forge.write_log[since:]
            if each.who == FLEET and each.status < 400
            and not each.path.endswith("/graphql")
        ]  # fmt: skip

    def mark(self) -> int:
        """A place in the log of writes, for `writes(since=…)`."""
        return len(self.forge.write_log)

    async def listen(self) -> None:
        """Hear everything that is said with the gatekeeper's word."""
        driver = self.bus.driver()
        queue = Queue("ear", ("gate.#",))
        await driver.declare(queue)
        inlet = await driver.open(queue)
        while True:
            batch = await inlet.take(50)
            if not self.heard:  # a test that cleared it begins anew
                self.ids.clear()
            for each in batch:  # what is restated is heard once, as by every inbox
                if each.envelope.id not in self.ids:
                    self.ids.add(each.envelope.id)
                    self.heard.append(read(each.envelope.topic, each.envelope.body))
            await inlet.settle([Done(each) for each in batch])


def _address(hosted: Hosted) -> ForgeAddress:
    return ForgeAddress(
        hosted.url, "octo", "hello", app_id=hosted.app_id, app_slug="gatefleet",
        write_spacing=timedelta(0),
    )  # fmt: skip


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """A forge with `octo/hello` and a gatekeeper that has looked at it once."""
    clock = FakeClock()
    source = make_source(folder / "source")
    hosted = await host(folder / "forge", "octo/hello", source, clock)
    app = httpx.ASGITransport(app=hosted.local.app)
    reader = open_reader(
        _address(hosted), token=lambda: hosted.token("reader"), clock=ClientClock(), transport=app
    )
    facts = await reader.repository()
    made = World(folder, hosted, clock, MemoryBus(clock), reader, facts.repo)
    ear = asyncio.create_task(made.listen())
    await asyncio.sleep(0)
    made.build()
    try:
        await made.service.start()
        yield made
    finally:
        await made.service.stop()
        ear.cancel()
        await asyncio.gather(ear, return_exceptions=True)
        await made.bus.close()
        await made.desk.forge.close()
        await reader.close()
        await hosted.stop()
