"""Workers: retries on a clock, crashes, lanes, and what a job says when it ends."""

import asyncio
from datetime import timedelta

import pytest

from shared.errors import BadInput, Missing, Refused, TryLater
from shared.jobs import JobContext, Outcome, nothing
from shared.jobs.worker import CRASHES, LONGEST_WAIT_S
from shared.messages.examples import REPO
from shared.messages.gate import FleetResumed, FleetStopped
from shared.store import Handling
from tests.databases import Database
from tests.jobs.worlds import Look, Publish, at_work, workshop


def stopped(why: str) -> FleetStopped:
    """Something that a job may say."""
    return FleetStopped(repo=REPO, why=why)


async def test_a_job_ends_with_what_it_says_in_one_commit(database: Database) -> None:
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            return lambda handling: [stopped(f"{job.what} {at.attempt} {at.correlation}")]

        shop.does(publish)
        await shop.ask(Publish())
        async with at_work(shop.worker()):
            row = await shop.until_state("publish:a", "done")
        assert await shop.said() == ["gate.fleet.stopped.v1"]
        assert (row.attempts, row.error) == (1, "")


async def test_an_outcome_that_fails_to_commit_leaves_nothing_behind(database: Database) -> None:
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            # What the signature does not name: a mistake of the program, found in the commit.
            return lambda handling: [stopped("half"), FleetResumed(repo=REPO, why="x")]  # type: ignore[list-item]  # on purpose

        shop.does(publish)
        await shop.ask(Publish())
        async with at_work(shop.worker()):

            async def crashed() -> bool:
                return bool((await shop.row("publish:a")).crashes)

            await shop.until(crashed)
            row = await shop.row("publish:a")
        assert "said FleetResumed, but the signature names ['FleetStopped']" in row.error
        assert await shop.said() == []


async def test_what_is_temporary_is_tried_ever_later_on_the_clock(database: Database) -> None:
    tried: list[float] = []
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            tried.append(at.clock.monotonic())
            if len(tried) < 5:
                after = timedelta(seconds=30) if len(tried) == 4 else None
                raise TryLater("forge: away", after=after)
            return nothing

        shop.does(publish)
        await shop.ask(Publish())
        async with at_work(shop.worker()):
            row = await shop.until_state("publish:a", "done", later=True)
        assert (row.attempts, row.crashes, row.error) == (5, 0, "")
    assert tried == [0.0, 0.5, 1.5, 3.5, 33.5]


@pytest.mark.parametrize("hours", [-10, 10])
async def test_a_wall_clock_that_is_set_does_not_put_off_what_is_tried_again(
    hours: int, database: Database
) -> None:
    tried: list[float] = []
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            tried.append(at.clock.monotonic())
            if len(tried) == 1:
                raise TryLater("forge: away", after=timedelta(minutes=5))
            return nothing

        shop.does(publish)
        await shop.ask(Publish())
        async with at_work(shop.worker()):

            async def put_off() -> bool:
                return bool((await shop.row("publish:a")).error)

            await shop.until(put_off)
            shop.clock.correct(hours * 3600)
            await shop.until_state("publish:a", "done", later=True)
    assert tried[1] <= LONGEST_WAIT_S


@pytest.mark.parametrize("error", [Refused("no"), BadInput("no"), Missing("no")])
async def test_what_will_never_go_is_given_up_at_once_and_said(
    database: Database, error: Exception
) -> None:
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            raise error

        def gave_up(job: Publish, reason: str, at: Handling) -> list[FleetStopped]:
            return [stopped(f"{job.what}: {reason}")]

        shop.does(publish, gave_up)
        await shop.ask(Publish())
        async with at_work(shop.worker()):
            row = await shop.until_state("publish:a", "failed")
        assert (row.attempts, row.error) == (1, "no")
        assert await shop.said() == ["gate.fleet.stopped.v1"]


async def test_a_job_that_keeps_crashing_is_given_up(database: Database) -> None:
    crashed: list[int] = []
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            crashed.append(at.attempt)
            raise ZeroDivisionError("a mistake")

        shop.does(publish)
        await shop.ask(Publish())
        async with at_work(shop.worker()):
            row = await shop.until_state("publish:a", "failed", later=True)
        assert row.error == "ZeroDivisionError: a mistake"
    assert crashed == list(range(1, CRASHES + 1))


async def test_a_job_that_nobody_carries_out_fails_with_its_name(database: Database) -> None:
    async with workshop(database.store()) as shop:

        async def look(job: Look, at: JobContext) -> Outcome[FleetStopped]:
            return nothing

        shop.does(look)
        worker = shop.worker()
        worker.lanes["default"] = 1
        await shop.ask(Publish())
        async with at_work(worker):
            row = await shop.until_state("publish:a", "failed")
        assert row.error == "publish:a: nobody here carries out 'publish'"


async def test_a_stopped_worker_resumes_its_job_at_the_next_start(database: Database) -> None:
    attempts: list[int] = []
    started, go_on = asyncio.Event(), asyncio.Event()
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            attempts.append(at.attempt)
            started.set()
            await go_on.wait()
            return lambda handling: [stopped("done")]

        shop.does(publish)
        await shop.ask(Publish())
        async with at_work(shop.worker()):
            await started.wait()
        assert (await shop.row("publish:a")).state == "running"
        go_on.set()
        async with at_work(shop.worker("somebody-else")):
            assert (await shop.row("publish:a")).state == "running"
        async with at_work(shop.worker()):
            await shop.until_state("publish:a", "done")
        assert attempts == [1, 2]
        assert await shop.said() == ["gate.fleet.stopped.v1"]


async def test_a_lane_has_as_many_places_as_it_was_given(database: Database) -> None:
    running: set[str] = set()
    most = 0
    go_on = asyncio.Event()
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            nonlocal most
            running.add(job.what)
            most = max(most, len(running))
            await go_on.wait()
            running.discard(job.what)
            return nothing

        async def look(job: Look, at: JobContext) -> Outcome[FleetStopped]:
            return nothing

        shop.does(publish)
        shop.does(look)
        worker = shop.worker()
        worker.lanes["default"] = 2
        await shop.ask(*(Publish(what=what) for what in "abcd"), Look())
        async with at_work(worker):
            await shop.until_state("look:a", "done")  # another lane is not held up
            assert (len(running), await worker.idle()) == (2, False)
            go_on.set()
            for what in "abcd":
                await shop.until_state(f"publish:{what}", "done")
            await shop.until(worker.idle)
    assert most == 2


async def test_what_is_said_on_the_way_stays_when_the_job_fails(database: Database) -> None:
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            await at.commit(lambda handling: [stopped("begun")])
            raise Refused("no")

        shop.does(publish)
        await shop.ask(Publish())
        async with at_work(shop.worker()):
            await shop.until_state("publish:a", "failed")
        assert await shop.said() == ["gate.fleet.stopped.v1"]


async def test_asked_again_while_it_runs_a_job_runs_once_more(database: Database) -> None:
    seen: list[str] = []
    started, go_on = asyncio.Event(), asyncio.Event()
    async with workshop(database.store()) as shop:

        async def look(job: Look, at: JobContext) -> Outcome[FleetStopped]:
            seen.append(job.note)
            started.set()
            await go_on.wait()
            return lambda handling: [stopped(f"looked, {job.note}")]

        shop.does(look)
        await shop.ask(Look(note="first"))
        async with at_work(shop.worker()):
            await started.wait()
            await shop.ask(Look(note="second"))
            go_on.set()
            await shop.until_state("look:a", "done")
        assert seen == ["first", "second"]
        assert await shop.said() == ["gate.fleet.stopped.v1"] * 2


async def test_two_workers_never_have_the_same_job(database: Database) -> None:
    done: list[str] = []
    async with workshop(database.store()) as shop:

        async def publish(job: Publish, at: JobContext) -> Outcome[FleetStopped]:
            done.append(job.what)
            return nothing

        shop.does(publish)
        await shop.ask(*(Publish(what=str(n)) for n in range(20)))
        async with at_work(shop.worker("one"), shop.worker("two")):
            for n in range(20):
                await shop.until_state(f"publish:{n}", "done")
    assert sorted(done, key=int) == [str(n) for n in range(20)]
