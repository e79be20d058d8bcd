"""Lives that end by `kill -9` at a numbered point, for `test_crashes.py`; run as a program.

    python -m tests.bus.crashes FOLDER COUNT [AMQP_URL]

One scenario (COUNT times: a message → a handler with an effect, a job and a message → a job with a
file → a message back) is lived again and again: in the first life the process kills itself at point
n, the second life goes on from what the first left. One JSON line for
each n, until a life has no point n.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.bus import MemoryBus, Service, settled
from shared.bus.amqp import AmqpDriver
from shared.bus.driver import Delivery, Driver, Inlet, Queue, Verdict
from shared.clock import SystemClock
from shared.jobs import Job, JobContext, Outcome
from shared.messages import Envelope
from shared.messages.gate import FleetResumed, FleetStopped
from shared.messages.work import EventAnswered
from shared.store import Handling, Store
from tests.bus.worlds import REPO, running, stopped
from tests.fakes.around_driver import AroundDriver

T = TypeVar("T")

EFFECT = "create table if not exists effects (name text, at text)"


@dataclass
class Fate:
    """Counts points and ends the process at one of them."""

    at: int
    passed: int = 0
    name: str = ""

    def point(self, name: str) -> None:
        """One more point; the process ends here if it is the one."""
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class FatefulStore(Store):
    """A store with a point inside each transaction's end, and one after its commit."""

    def __init__(self, url: str, fate: Fate) -> None:
        super().__init__(url)
        self._fate = fate

    async def run(self, work: Callable[[Session], T], *, lasting: bool = True) -> T:
        """As the store does, with the two points where something was written."""
        wrote: list[bool] = []

        def fateful(session: Session) -> T:
            before = _changes(session)
            done = work(session)
            session.flush()
            wrote.append(_changes(session) != before)
            if wrote[-1]:
                self._fate.point("before commit")
            return done

        result = await super().run(fateful, lasting=lasting)
        if wrote[-1]:
            self._fate.point("after commit")
        return result


def _changes(session: Session) -> int:
    return int(session.execute(text("select total_changes()")).scalar_one())


class FatefulInlet:
    """An inlet with points after taking, before settling and after."""

    def __init__(self, inlet: Inlet, fate: Fate) -> None:
        self._inlet, self._fate = inlet, fate

    async def take(self, most: int) -> list[Delivery]:
        """As the inlet does."""
        taken = await self._inlet.take(most)
        if taken:
            self._fate.point("after take")
        return taken

    async def settle(self, verdicts: Sequence[Verdict]) -> None:
        """As the inlet does."""
        self._fate.point("before settle")
        await self._inlet.settle(verdicts)
        self._fate.point("after settle")

    async def cease(self) -> None:
        """As the inlet does."""
        await self._inlet.cease()

    async def close(self) -> None:
        """As the inlet does."""
        await self._inlet.close()


class FatefulDriver(AroundDriver):
    """A driver with points around each publish."""

    def __init__(self, driver: Driver, fate: Fate) -> None:
        super().__init__(driver)
        self._fate = fate

    async def open(self, queue: Queue) -> FatefulInlet:
        """As the driver does, with points."""
        return FatefulInlet(await self.inner.open(queue), self._fate)

    def publish(self, envelope: Envelope) -> asyncio.Future[bool]:
        """As the driver does, with points."""
        return asyncio.ensure_future(self._publish(envelope))

    async def _publish(self, envelope: Envelope) -> bool:
        self._fate.point("before publish")
        heard = await self.inner.publish(envelope)
        self._fate.point("after publish")
        return heard


class Write(Job):
    """Write a file: an effect outside of any transaction, idempotent by its name."""

    kind: ClassVar[str] = "write"
    why: str

    def name(self) -> str:
        return f"write:{self.why}"


@dataclass(frozen=True)
class Scene:
    """Where a scenario is lived."""

    folder: Path
    count: int
    url: str
    fate: Fate

    def services(self) -> tuple[Service, Service]:
        """gatekeeper and scheduler with their handlers."""
        clock = SystemClock()
        bus = MemoryBus(clock)

        def service(name: str) -> Service:
            own: Driver = (
                AmqpDriver(self.url, clock, shared_identity=True) if self.url else bus.driver()
            )
            store = FatefulStore(f"sqlite:///{self.folder}/{name}.db", self.fate)
            return Service(name, driver=FatefulDriver(own, self.fate), store=store, clock=clock)

        gate, work = service("gatekeeper"), service("scheduler")

        def admit(message: FleetStopped, at: Handling) -> list[Write | EventAnswered]:
            _effect(at, f"admit {message.why}")
            return [Write(why=message.why), _answer(at, message.why)]

        async def write(job: Write, at: JobContext) -> Outcome[EventAnswered]:
            self.fate.point("before the effect outside")
            (self.folder / f"{job.why}.effect").write_text("done")
            self.fate.point("after the effect outside")

            def outcome(handling: Handling) -> list[EventAnswered]:
                _effect(handling, f"written {job.why}")
                return [_answer(handling, f"{job.why} written")]

            return outcome

        def hear(message: EventAnswered, at: Handling) -> list[FleetResumed]:
            _effect(at, f"heard {message.name}")
            return []

        gate.hears(hear)
        work.hears(admit)
        work.does(write)
        return gate, work


def _effect(at: Handling, name: str) -> None:
    at.session.execute(text("insert into effects values (:name, '')"), {"name": name})


def _answer(at: Handling, name: str) -> EventAnswered:
    return EventAnswered(repo=REPO, event=at.id, name=name, answer="")


async def prepare(scene: Scene) -> None:
    """What is to be sent stands in the outbox, as after a crash right behind a commit."""
    gate, work = scene.services()
    for service in (gate, work):
        await service.prepare()
        await service.store.run(lambda session: session.execute(text(EFFECT)) and None)
    await gate.commit("seed", lambda at: [stopped(str(n)) for n in range(scene.count)])
    for service in (gate, work):
        await service.driver.close()
        await service.store.close()


async def live(scene: Scene) -> None:
    """Start both, settle, stop.

    A broker gives back what a killed process held in its own time; a message that is lost lets
    this wait until whoever started the program has had enough.
    """
    gate, work = scene.services()
    count = text("select count(*) from effects")
    async with running(gate, work):
        while True:
            await settled([gate, work])
            heard = await gate.store.run(lambda session: session.execute(count).scalar_one())
            if heard >= 2 * scene.count:
                return


def child(call: Callable[[], object]) -> int:
    """Run it in a process of its own; returns what `waitpid` says of its end."""
    pid = os.fork()
    if pid == 0:
        try:
            call()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def found(folder: Path) -> dict[str, object]:
    """What is there at the end: effects with how often, and what was left over."""
    rows: list[str] = []
    left = 0
    for name in ("gatekeeper", "scheduler"):
        with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
            rows += [row[0] for row in connection.execute("select name from effects")]
            for table, where in (("outbox", ""), ("dead", ""), ("jobs", "where state != 'done'")):
                query = f"select count(*) from {table} {where}"
                left += connection.execute(query).fetchone()[0]
    files = sorted(path.name for path in folder.glob("*.effect"))
    return {"effects": sorted(rows), "left": left, "files": files}


def main(folder: Path, count: int, url: str) -> None:
    """One line for each point."""
    for number in range(1, 1000):
        place = folder / str(number)
        place.mkdir()
        scene = Scene(place, count, url, Fate(0))
        assert child(lambda scene=scene: asyncio.run(prepare(scene))) == 0  # type: ignore[misc]
        doomed = Scene(place, count, url, Fate(number))
        ended = child(lambda doomed=doomed: asyncio.run(live(doomed)))  # type: ignore[misc]
        killed = os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL
        assert killed or ended == 0, f"point {number}: the first life ended with {ended}"
        again = child(lambda scene=scene: asyncio.run(live(scene)))  # type: ignore[misc]
        assert again == 0, f"point {number}: the second life ended with {again}"
        print(json.dumps({"point": number, "killed": killed, **found(place)}), flush=True)
        if not killed:
            return


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
