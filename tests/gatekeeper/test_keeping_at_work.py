"""What holds is said again at every start, with the same ids: whoever came later learns it."""

import asyncio
from uuid import UUID

from shared.bus import Queue
from shared.bus.driver import Done
from shared.messages import Envelope, read
from shared.messages.content import RunKind
from shared.messages.gate import (
    FleetStopped,
    IssueApproved,
    PullRequestClosed,
    PullRequestOpened,
    RepositoryEvaluated,
    ReviewPosted,
)
from tests.gatekeeper.acting import Acting


async def heard_at_start(act: Acting) -> list[Envelope]:
    """What somebody who came late hears when the gatekeeper starts, database and all."""
    driver = act.world.bus.driver()
    queue = Queue("latecomer", ("gate.#",))
    await driver.declare(queue)
    inlet = await driver.open(queue)
    found: list[Envelope] = []

    async def listen() -> None:
        while True:
            batch = await inlet.take(50)
            found.extend(each.envelope for each in batch)
            await inlet.settle([Done(each) for each in batch])

    ear = asyncio.create_task(listen())
    await act.world.restart()
    await act.world.settle()
    ear.cancel()
    await asyncio.gather(ear, return_exceptions=True)
    return found


def topics(heard: list[Envelope]) -> list[str]:
    return [each.topic for each in heard]


async def test_everything_that_holds_is_said_again_at_a_start_with_what_came_of_it(
    act: Acting,
) -> None:
    approved, pull = await act.passed()
    heard = await heard_at_start(act)

    assert topics(heard) == [
        RepositoryEvaluated.topic, IssueApproved.topic, PullRequestOpened.topic,
        ReviewPosted.topic,
    ]  # fmt: skip
    again = read(heard[1].topic, heard[1].body)
    assert isinstance(again, IssueApproved)
    assert again.model_copy(update={"so_far": None}) == approved
    assert again.so_far is not None
    assert (again.so_far.pull_request, again.so_far.runs) == (pull.number, 2)
    assert [(run.kind, run.carried_out) for run in again.so_far.known] == [
        (RunKind.IMPLEMENTATION, True), (RunKind.REVIEW, True),
    ]  # fmt: skip


async def test_who_heard_it_before_hears_nothing_new(act: Acting) -> None:
    await act.passed()
    before: set[UUID] = set(act.world.ids)
    heard = await heard_at_start(act)

    assert {each.id for each in heard} <= before


async def test_of_an_approval_that_ended_only_its_end_is_said_again(act: Acting) -> None:
    approved, _ = await act.opened()
    act.unlabel(approved.issue)
    await act.see(approved.issue)
    heard = await heard_at_start(act)

    assert topics(heard) == [RepositoryEvaluated.topic, PullRequestClosed.topic]


async def test_i19_a_stop_is_said_again_to_whoever_came_later(act: Acting) -> None:
    (act.world.folder / "fleet" / "STOP").write_text("lunch\n")
    await act.world.pass_time(20)
    heard = await heard_at_start(act)

    assert FleetStopped.topic in topics(heard)
