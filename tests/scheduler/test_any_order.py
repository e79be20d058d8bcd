"""I-34: whatever the order in which a history is heard, and however often, the same is known and the
same is asked for in the end."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import TryLater
from shared.messages import Message
from shared.messages.content import Verdict
from shared.messages.work import RevisionRequested
from tests.scheduler.desk import Desk
from tests.scheduler.story import (
    START,
    approved,
    closed,
    finished,
    implementing,
    observed,
    opened,
    progressed,
    proposed,
    protected,
    reviewed,
    reviewing,
    revoked,
    seen,
    taken_over,
    updated,
)

MINUTE = timedelta(minutes=1)
A, B = "a" * 40, "b" * 40
ROOMY: dict[str, Any] = {"limits": {"concurrent_runs": 20, "open_pull_requests": 20}}
QA = "qa-agent:1"


def history(desk: Desk) -> list[list[Message]]:
    """A story in stages: what is in one stage can be heard in any order, because none of it rests on
    what the scheduler says to the others of it. Heard in order once, to know the requests."""
    stages: list[list[Message]] = [[
        observed(ROOMY), protected(), approved(7), approved(7, nth=2, after=MINUTE), approved(8),
        revoked(8), approved(10), closed(10, merged=False), revoked(10), proposed(9),
        seen(9, after=MINUTE), seen(9, state="closed", after=2 * MINUTE), approved(11),
        seen(7, "priority:high", after=2 * MINUTE), seen(7, "priority:low", after=3 * MINUTE),
    ]]  # fmt: skip
    desk.hear(*stages[0])
    request = desk.request(implementing(7, 2))
    stages.append([progressed(request), finished(request), opened(7, A, nth=2)])
    desk.hear(*stages[1])
    review = desk.request(reviewing(7, A))
    stages.append(
        [progressed(review, QA), finished(review, holder=QA), reviewed(7, A, Verdict.CHANGES)]
    )
    desk.hear(*stages[2])
    revision = next(
        each for each in (desk.request(run.id) for run in desk.runs(state="sent"))
        if isinstance(each, RevisionRequested)
    )  # fmt: skip
    stages.append([progressed(revision), finished(revision), updated(revision, B, nth=2)])
    desk.hear(*stages[3])
    last = desk.request(reviewing(7, B))
    stages.append([progressed(last, QA), finished(last, holder=QA), reviewed(7, B)])
    desk.hear(*stages[4])
    stages.append([taken_over(7), revoked(7, nth=2), closed(7, nth=2)])
    return stages


def known(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that decides what happens next: all rows but those of runs that are over, and of
    what was dispatched on the way, which is more where a replaced approval was heard first."""
    rows = desk.rows()
    rows.pop("dispatches")
    states = {run.id: run.state for run in desk.runs()}
    rows["runs"] = [row for row in rows["runs"] if states[row[0]] != "ended"]
    return rows


def hear_all(desk: Desk, messages: list[Message]) -> None:
    """As the bus does it: what comes too early comes again."""
    waiting = deque(messages)
    put_off = 0
    while waiting:
        message = waiting.popleft()
        try:
            desk.hear(message)
            put_off = 0
        except TryLater:
            waiting.append(message)
            put_off += 1
            assert put_off <= len(waiting), f"never heard: {list(waiting)}"


@dataclass(frozen=True)
class Story:
    """The stages, what is known after each when they are heard in order, and who hears them else."""

    stages: list[list[Message]]
    known: list[dict[str, list[tuple[Any, ...]]]]
    otherwise: Desk


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """The history, heard in order once."""
    orderly, otherwise = Desk(START), Desk(START)
    stages = history(orderly)
    orderly.forget()
    after = []
    for stage in stages:
        hear_all(orderly, stage)
        after.append(known(orderly))
    yield Story(stages, after, otherwise)
    orderly.close()
    otherwise.close()


@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_i34_any_order_and_any_repeats_end_in_the_same(story: Story, data: st.DataObject) -> None:
    story.otherwise.forget()
    heard: list[Message] = []
    for stage, expected in zip(story.stages, story.known, strict=True):
        repeats = data.draw(st.lists(st.sampled_from(tuple(heard)), max_size=4)) if heard else []
        shuffled = data.draw(st.permutations([*stage, *repeats]))
        hear_all(story.otherwise, list(shuffled))
        heard += stage
        assert known(story.otherwise) == expected


def test_the_story_comes_to_its_end(story: Story) -> None:
    """So that the test above compares something."""
    live = [sorted(row[3] for row in after["runs"]) for after in story.known]
    assert live == [[7, 11], [7, 11], [7, 11], [7, 11], [11], [11]]
    phases = {row[1]: row[7] for row in story.known[-1]["issues"]}
    assert phases == {7: "merged", 8: "revoked", 10: "closed", 11: "open"}
