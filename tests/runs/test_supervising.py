"""An agent's part of a run: the lease is kept, a stop is heeded, and the end is always said."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.errors import BadInput, Missing, Refused, TryLater
from shared.messages.content import RunEnd
from shared.messages.draft import ReviewProposed, RunFinished
from shared.runs import (
    Drafted,
    Ended,
    LiveRun,
    RunJob,
)
from tests.bus.worlds import running, until
from tests.runs.place import Place, cancel, draft, for_ever, request


async def test_a_run_is_picked_up_and_its_draft_comes_with_its_end(place: Place) -> None:
    async def work(live: LiveRun) -> Drafted:
        await live.progress("reading", "reading the diff")
        return draft(live)

    agent = place.agent(work)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, request())
        await place.settle(agent)
    assert place.phases() == ["picked up", "reading"]
    assert place.ends() == [(1, RunEnd.DONE, "it passes")]
    drafts = [each for each in place.heard if isinstance(each, ReviewProposed)]
    assert len(drafts) == 1
    last = next(each for each in place.heard if isinstance(each, RunFinished))
    assert (last.drafted, last.holder, last.usage.calls) == (True, "qa-agent:1", 1)


async def test_the_same_generation_twice_is_one_job_and_is_said_again(place: Place) -> None:
    worked: list[int] = []
    go = asyncio.Event()

    async def work(live: LiveRun) -> Drafted:
        worked.append(live.request.generation)
        await go.wait()
        return draft(live)

    agent = place.agent(work)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, request())
        await place.world.tell(place.scheduler, request())
        await until(lambda: place.phases() == ["picked up", "picked up"])
        go.set()
        await place.settle(agent)
        await place.world.tell(place.scheduler, request())
        await place.settle(agent)
    assert worked == [1]
    assert place.ends() == [(1, RunEnd.DONE, "it passes")] * 2  # an ended one is told again
    assert len(place.phases()) == 2  # and not picked up


async def test_a_cancellation_stops_the_work_with_its_reason(place: Place) -> None:
    agent = place.agent(for_ever)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, request())
        await until(lambda: place.phases() == ["picked up"])
        await place.world.tell(place.scheduler, cancel())
        await place.settle(agent)
    assert place.ends() == [(1, RunEnd.CANCELLED, "revoked")]
    assert place.world.clock.monotonic() < 5


async def test_a_cancellation_that_comes_first_is_heeded(place: Place) -> None:
    agent = place.agent(for_ever)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, cancel())
        await place.settle(agent)
        await place.world.tell(place.scheduler, request(1), request(2))
        await until(lambda: (1, RunEnd.CANCELLED, "revoked") in place.ends())
        assert [end[0] for end in place.ends()] == [1]  # the next generation goes on


async def test_a_cancellation_of_another_holder_is_not_ours(place: Place) -> None:
    async def work(live: LiveRun) -> Drafted:
        await asyncio.sleep(0)
        return draft(live)

    agent = place.agent(work)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, cancel(holder="qa-agent:2"))
        await place.settle(agent)
        await place.world.tell(place.scheduler, request())
        await place.settle(agent)
    assert place.ends() == [(1, RunEnd.DONE, "it passes")]


async def test_a_newer_generation_stops_the_older_one_here(place: Place) -> None:
    async def work(live: LiveRun) -> Drafted | Ended:
        return draft(live) if live.request.generation == 2 else await for_ever(live)

    agent = place.agent(work)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, request(1))
        await until(lambda: bool(place.phases()))
        await place.world.tell(place.scheduler, request(2))
        await place.settle(agent)
    assert sorted(place.ends()) == [
        (1, RunEnd.CANCELLED, "a newer generation of this run was dispatched"),
        (2, RunEnd.DONE, "it passes"),
    ]


async def test_work_that_takes_too_long_is_stopped_and_the_lease_renewed_till_then(
    place: Place,
) -> None:
    agent = place.agent(for_ever)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, request(timeout_s=200.0))
        await place.settle(agent)
    assert place.ends() == [(1, RunEnd.TIMED_OUT, "not done within 200 s")]
    assert len(place.phases()) >= 1 + int(200 / 20) - 1  # every third of the lease


@pytest.mark.parametrize("error", [Refused, BadInput, Missing])
async def test_what_cannot_be_done_is_declined_with_its_reason(
    place: Place, error: Callable[[str], Exception]
) -> None:
    async def work(live: LiveRun) -> Ended:
        raise error("octo/hello: it has no tests")

    agent = place.agent(work)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, request())
        await place.settle(agent)
    assert place.ends() == [(1, RunEnd.DECLINED, "octo/hello: it has no tests")]


async def test_what_is_temporary_is_tried_three_times(place: Place) -> None:
    tried: list[int] = []

    async def work(live: LiveRun) -> Ended:
        tried.append(1)
        raise TryLater("octo/hello: cannot be fetched")

    agent = place.agent(work)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, request())
        await place.settle(agent)
    assert len(tried) == 3
    assert place.ends() == [(1, RunEnd.INTERRUPTED, "octo/hello: cannot be fetched")]


async def test_work_that_crashes_again_and_again_is_declined(place: Place) -> None:
    async def work(live: LiveRun) -> Ended:
        raise ZeroDivisionError("a mistake")

    agent = place.agent(work)
    async with running(place.scheduler, agent):
        await place.world.tell(place.scheduler, request())
        await place.settle(agent)
    assert place.ends() == [(1, RunEnd.DECLINED, "ZeroDivisionError: a mistake")]
    last = next(each for each in place.heard if isinstance(each, RunFinished))
    assert last.usage.known is False


async def test_i40_a_restarted_agent_resumes_what_still_holds_its_lease(place: Place) -> None:
    begun = asyncio.Event()

    async def begin(live: LiveRun) -> Ended:
        begun.set()
        return await for_ever(live)

    async def work(live: LiveRun) -> Drafted:
        return draft(live)

    first, second = place.agent(begin), place.agent(work)
    async with running(place.scheduler):
        await first.start()
        await place.world.tell(place.scheduler, request())
        await begun.wait()
        await first.stop()
        await second.start()
        await place.settle(second)
        await second.stop()
    assert place.ends() == [(1, RunEnd.DONE, "it passes")]
    assert "resumed" in place.phases()


@pytest.mark.parametrize(("begins", "why"), [
    (True, "qa-agent:1 was away for longer than its lease"),
    (False, "qa-agent:1 had it waiting for longer than its lease"),
])  # fmt: skip
async def test_i40_a_restarted_agent_gives_up_what_lost_its_lease(
    place: Place, begins: bool, why: str
) -> None:
    begun, worked = asyncio.Event(), [0]

    async def begin(live: LiveRun) -> Ended:
        begun.set()
        return await for_ever(live)

    async def work(live: LiveRun) -> Drafted:
        worked[0] += 1
        return draft(live)

    first, second = place.agent(begin), place.agent(work)
    if not begins:
        first.worker.lanes[RunJob.lane] = 0  # nobody there is free for it
    async with running(place.scheduler):
        await first.start()
        await place.world.tell(place.scheduler, request())
        await (begun.wait() if begins else until(lambda: bool(place.phases())))
        await first.stop()
        place.world.clock.advance(timedelta(minutes=2).total_seconds())  # type: ignore[attr-defined]
        await second.start()
        await place.settle(second)
        await second.stop()
    assert worked == [0]
    assert place.ends() == [(1, RunEnd.INTERRUPTED, why)]


async def test_two_agents_with_one_generation_are_both_heard(place: Place) -> None:
    """A request that is delivered again after a crash reaches another instance: the scheduler must
    hear of both holders, else it could not tell the second to stop."""
    both = [place.agent(for_ever, each) for each in ("1", "2")]
    async with running(place.scheduler, *both):
        await place.world.tell(place.scheduler, request())
        await until(lambda: bool(place.phases()))
        await place.world.tell(place.scheduler, request())
        while len(place.holders()) < 2:
            await place.world.tell(place.scheduler, request())
            await asyncio.sleep(0)
        await place.world.tell(place.scheduler, cancel(holder="qa-agent:2"))
        await until(lambda: bool(place.ends()) or _tick(place))
        ended = [each for each in place.heard if isinstance(each, RunFinished)]
        assert [each.holder for each in ended] == ["qa-agent:2"]


def _tick(place: Place) -> bool:
    place.world.clock.advance(0.5)  # type: ignore[attr-defined]
    return False
