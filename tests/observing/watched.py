"""A small fleet on the memory bus that is looked at: one says, one answers and has jobs."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from shared.bus import MemoryBus, Service
from shared.clock import FakeClock
from shared.errors import Refused
from shared.jobs import JobContext, Outcome
from shared.messages.gate import FleetResumed, FleetStopped
from shared.store import Handling, Store
from shared.watching import Recorder, Span, Traced
from tests.bus.settling import settle
from tests.bus.worlds import REPO, Say, running, stopped


@dataclass
class Kept:
    """A recorder that keeps everything."""

    spans: list[Span] = field(default_factory=list)

    def record(self, of: Traced, ended: datetime, made: Callable[[], Span]) -> None:
        """As a recorder does."""
        self.spans.append(made())


@dataclass
class Watched:
    """The two, and how they are made to work."""

    gate: Service
    work: Service
    clock: FakeClock

    async def say(self, *whys: str) -> None:
        """Have the gatekeeper say these in one transaction, and wait until nobody has work."""
        await self.gate.commit("say", lambda at: [stopped(why) for why in whys])
        await settle([self.gate, self.work], self.clock)


def refuse_bad(message: FleetStopped, at: Handling) -> list[Say]:
    """Ask for a job of that name; nothing good comes of `bad`."""
    if message.why == "bad":
        raise Refused("bad: it is bad")
    return [Say(why=message.why)]


async def say(job: Say, at: JobContext) -> Outcome[FleetResumed]:
    """Answer; nothing good comes of `worse`."""
    if job.why == "worse":
        raise Refused("worse: it is worse")
    return lambda handling: [FleetResumed(repo=REPO, why=job.why)]


@asynccontextmanager
async def watched(folder: Path, recorder: Recorder | None = None) -> AsyncIterator[Watched]:
    """Started; stopped at the end."""
    clock = FakeClock()
    bus = MemoryBus(clock)
    work = Service(
        "gatekeeper", driver=bus.driver(), store=Store(f"sqlite:///{folder}/g.db"), clock=clock
    )
    hears = Service(
        "scheduler", driver=bus.driver(), store=Store(f"sqlite:///{folder}/s.db"), clock=clock
    )

    def note(message: FleetResumed, at: Handling) -> None:
        """Hear the answer."""

    work.hears(refuse_bad)
    work.does(say)
    hears.hears(note)
    if recorder is not None:
        work.recorded_by(recorder)
        hears.recorded_by(recorder)
    async with running(work, hears):
        yield Watched(work, hears, clock)
