"""Jobs as a service carries them out, and timers, on both drivers."""

import asyncio
from datetime import timedelta
from typing import ClassVar

from shared.clock import FakeClock
from shared.errors import Refused, TryLater
from shared.jobs import Job, JobContext, Outcome
from shared.messages.gate import FleetResumed, FleetStopped
from shared.messages.work import EventAnswered
from shared.store import Handling
from tests.bus.saying import by_a_job
from tests.bus.worlds import REPO, Say, World, running, until


class Refresh(Job):
    """Asked for again and again; one at a time, and once more if asked while it runs."""

    kind: ClassVar[str] = "refresh"
    coalesce: ClassVar[bool] = True
    why: str

    def name(self) -> str:
        return "refresh"


async def test_a_job_is_carried_out_once_and_says_its_outcome(world: World) -> None:
    done: list[int] = []

    async def say(job: Say, at: JobContext) -> Outcome[FleetResumed]:
        done.append(at.attempt)
        if at.attempt == 1:
            raise TryLater("outside is away")
        return lambda handling: [FleetResumed(repo=REPO, why=job.why)]

    gate, work, heard = by_a_job(world, say, asks=2)
    async with running(gate, work):
        await world.say(gate, "job")
        await world.settle(gate, work)
        assert (heard, done) == (["job"], [1, 2])


async def test_asked_while_it_runs_it_runs_once_more_with_the_newest(world: World) -> None:
    seen: list[str] = []
    go, began = asyncio.Event(), asyncio.Event()

    def ask(message: FleetStopped, at: Handling) -> list[Refresh]:
        return [Refresh(why=message.why)]

    async def refresh(job: Refresh, at: JobContext) -> Outcome[FleetResumed]:
        seen.append(job.why)
        began.set()
        await go.wait()
        return lambda handling: []

    gate = world.service("gatekeeper")
    gate.hears(ask)
    gate.does(refresh, places=3)
    async with running(gate):
        await world.say(gate, "first")
        await began.wait()
        for why in ("second", "third", "fourth"):
            await world.say(gate, why)
        await until(lambda: gate.deliveries[0].counts.handled == 4)
        go.set()
        await world.settle(gate)
        assert len(seen) == 2
        assert seen[0] == "first"
        await world.say(gate, "later")
        await world.settle(gate)
        assert seen[2:] == ["later"]


async def test_what_is_refused_ends_with_its_reason(world: World) -> None:
    heard: list[str] = []

    def admit(message: FleetStopped, at: Handling) -> list[Say]:
        return [Say(why=message.why)]

    async def say(job: Say, at: JobContext) -> Outcome[FleetResumed]:
        raise Refused(f"{REPO}: {job.why} may not be")

    def gave_up(job: Say, reason: str, at: Handling) -> list[FleetResumed]:
        return [FleetResumed(repo=REPO, why=f"{job.why}: {reason}")]

    def note(message: FleetResumed, at: Handling) -> None:
        heard.append(message.why)

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    gate.hears(admit)
    gate.does(say, gave_up=gave_up)
    work.hears(note)
    async with running(gate, work):
        await world.say(gate, "it")
        await world.settle(gate, work)
        assert heard == ["it: octo/hello: it may not be"]


async def test_a_job_that_was_running_at_a_stop_is_resumed_at_the_next_start(world: World) -> None:
    attempts: list[int] = []
    began, never = asyncio.Event(), asyncio.Event()

    def admit(message: FleetStopped, at: Handling) -> list[Say]:
        return [Say(why=message.why)]

    async def say(job: Say, at: JobContext) -> Outcome[FleetResumed]:
        attempts.append(at.attempt)
        began.set()
        if at.attempt == 1:
            await never.wait()
        return lambda handling: [FleetResumed(repo=REPO, why=job.why)]

    for life in (1, 2):
        gate = world.service("gatekeeper", store="gatekeeper")
        gate.hears(admit)
        gate.does(say)
        listens = world.service("scheduler", store="scheduler")
        listens.hears(_ignore)
        async with running(gate, listens):
            if life == 1:
                await world.say(gate, "long")
                await began.wait()
                continue
            await world.settle(gate, listens)
    assert attempts == [1, 2]
    assert listens.deliveries[0].counts.handled == 1


def _ignore(message: FleetResumed, at: Handling) -> None: ...


async def test_a_timer_ticks_at_the_start_and_every_period(memory: World) -> None:
    ticks: list[float] = []
    heard: list[str] = []
    clock = memory.clock
    assert isinstance(clock, FakeClock)

    def tick(at: Handling) -> list[FleetResumed]:
        ticks.append(clock.monotonic())
        if len(ticks) == 2:
            raise ValueError("one bad tick")
        return [FleetResumed(repo=REPO, why=str(len(ticks)))]

    def note(message: FleetResumed, at: Handling) -> None:
        heard.append(message.why)

    gate, work = memory.service("gatekeeper"), memory.service("scheduler")
    gate.every(timedelta(seconds=10), tick)
    work.hears(note)
    async with running(gate, work):
        for life in range(1, 4):
            await until(lambda life=life: len(ticks) == life)  # type: ignore[misc]
            await memory.settle(
                gate,
                work,
            )
            clock.advance(10.0)
        await until(lambda: len(ticks) == 4)
        await memory.settle(gate, work)
    assert ticks == [0.0, 10.0, 20.0, 30.0]
    assert heard == ["1", "3", "4"]  # the one that failed said nothing, and stopped nothing


async def test_two_instances_that_answer_the_same_message_are_told_apart(memory: World) -> None:
    """Each has a store of its own: when one dies before its acknowledgement, the other answers too,
    and both must be heard (only then can the second be told to stop)."""
    heard: list[str] = []

    def answer(message: FleetStopped, at: Handling) -> list[EventAnswered]:
        return [EventAnswered(repo=REPO, event=at.id, name="", answer="mine")]

    def note(message: EventAnswered, at: Handling) -> None:
        heard.append(message.answer)

    pair = [memory.service("scheduler", each) for each in ("1", "2")]
    gate = memory.service("gatekeeper")
    for one in pair:
        one.hears(answer, every_instance=True)
    gate.hears(note)
    async with running(*pair, gate):
        await memory.say(gate, "go")
        await memory.settle(*pair, gate)
    assert heard == ["mine", "mine"]
