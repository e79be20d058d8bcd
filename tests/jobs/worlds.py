"""Jobs for tests, and a worker on a clock that stands still until it is told to move."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.bus.signature import read_duty
from shared.clock import FakeClock
from shared.jobs import MIGRATIONS, Duty, GaveUp, Job, Worker, enqueue
from shared.jobs.commit import Speaker
from shared.jobs.rows import JOBS
from shared.store import Handling, Store, outbox

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SPEAKER = Speaker("gatekeeper", frozenset({"gate"}))
PATIENCE = 2000
"""Turns of the store's thread in which something must have happened."""
TURNS = 20
"""Turns after which whoever had something to do has done it, and sleeps."""


class Publish(Job):
    """Done once for ever."""

    kind: ClassVar[str] = "publish"
    what: str = "a"
    note: str = ""

    def name(self) -> str:
        return f"publish:{self.what}"


class Look(Publish):
    """Done again whenever it is asked for."""

    kind: ClassVar[str] = "look"
    lane: ClassVar[str] = "reading"
    coalesce: ClassVar[bool] = True

    def name(self) -> str:
        return f"look:{self.what}"

    def correlation(self) -> str:
        return f"octo/hello#{self.what}"


def handling(session: Session, now: datetime = NOW) -> Handling:
    """The handling of some message."""
    return Handling(session, now, UUID(int=1), "octo/hello#7", trace="00-ab-cd-01")


@dataclass
class Workshop:
    """A store, a clock, and workers with these duties."""

    store: Store
    clock: FakeClock = field(default_factory=FakeClock)
    duties: dict[str, Duty] = field(default_factory=dict)

    def does(self, work: Callable[..., Awaitable[Any]], gave_up: GaveUp | None = None) -> None:
        """Name the function of a job."""
        duty = read_duty(work, gave_up)
        self.duties[duty.job.kind] = duty

    def worker(self, holder: str = "gatekeeper:1") -> Worker:
        """A worker that is not started."""
        return Worker(SPEAKER, self.store, self.clock, holder=holder, duties=self.duties)

    async def ask(self, *jobs: Job) -> list[bool]:
        """Commit jobs in one transaction."""

        def work(session: Session) -> list[bool]:
            return [enqueue(session, job, handling(session, self.clock.now())) for job in jobs]

        return await self.store.run(work)

    async def row(self, name: str) -> Any:
        """A job's row."""
        return await self.store.run(
            lambda session: session.execute(select(JOBS).where(JOBS.c.name == name)).one()
        )

    async def said(self) -> list[str]:
        """The topics of everything in the outbox, in order."""
        waiting = await self.store.run(lambda session: outbox.waiting(session, limit=100))
        return [envelope.topic for envelope in waiting]

    async def until(self, done: Callable[[], Awaitable[bool]]) -> None:
        """Give the loop and the store's thread their turns until `done`; no time goes by."""
        for _ in range(PATIENCE):
            if await done():
                return
        raise AssertionError("it never came to that")

    async def pass_time(self, done: Callable[[], Awaitable[bool]]) -> None:
        """Let time go by from one sleeper to the next until `done`, with turns in between."""
        for _ in range(PATIENCE // TURNS):
            for _ in range(TURNS):
                if await done():
                    return
            self.clock.advance(self.clock.next_due() or 0.0)
        raise AssertionError("it never came to that")

    async def until_state(self, name: str, state: str, *, later: bool = False) -> Any:
        """The row, once it is in this state; `later`: time goes by."""

        async def reached() -> bool:
            return bool((await self.row(name)).state == state)

        await (self.pass_time if later else self.until)(reached)
        return await self.row(name)


@asynccontextmanager
async def at_work(*workers: Worker) -> AsyncIterator[None]:
    """Workers that have started."""
    for worker in workers:
        await worker.start()
    try:
        yield
    finally:
        for worker in workers:
            await worker.stop()


@asynccontextmanager
async def workshop(store: Store) -> AsyncIterator[Workshop]:
    """A workshop around an open store."""
    await store.open((MIGRATIONS,))
    try:
        yield Workshop(store)
    finally:
        await store.close()
