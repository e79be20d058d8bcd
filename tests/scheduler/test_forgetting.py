"""The scheduler's database is deleted between any two steps, and it starts again: everything is
learnt again from what the others say, nothing is dispatched twice, and nothing is paid twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.clock import FakeClock
from shared.messages import Message
from shared.messages.content import CauseKind, RunEnd, RunKind, Usage, Verdict
from shared.messages.gate import FleetResumed, FleetStopped
from shared.messages.work import IssueParked, RunCancelled, WorkRequest
from tests.scheduler.desk import Desk
from tests.scheduler.others import Others
from tests.scheduler.story import (
    HOLDER,
    REPO,
    START,
    approved,
    closed,
    command,
    finished,
    observed,
    opened,
    progressed,
    protected,
    refused,
    review_wanted,
    reviewed,
    revision_wanted,
    seen,
    taken_over,
    updated,
)

A, B, T = "a" * 40, "b" * 40, "1" * 40
IMPLEMENT, REVISE, REVIEW = RunKind.IMPLEMENTATION, RunKind.REVISION, RunKind.REVIEW
PAID = Usage(money_micros=100_000)
MONEY = {"budget": {"run": 1, "issue": 2, "day": 3}}

Step = Callable[[Others], list[Message]]


def just(*messages: Message) -> Step:
    """Whatever was asked for."""
    return lambda others: list(messages)


def of(kind: RunKind, say: Callable[[WorkRequest], Message]) -> Step:
    """In answer to the last request of a kind."""
    return lambda others: [say(others.last(kind))]


def done(request: WorkRequest) -> Message:
    """With a draft."""
    return finished(request, usage=PAID)


OPEN: list[Step] = [
    just(observed(MONEY)), just(protected()), just(approved(7)), of(IMPLEMENT, progressed),
    of(IMPLEMENT, done), just(opened(7, A)),
]  # fmt: skip
JUDGED: list[Step] = [of(REVIEW, progressed), of(REVIEW, done)]
MERGE = just(closed(7))
STORIES: dict[str, list[Step]] = {
    "a round of changes": [
        *OPEN, *JUDGED, just(reviewed(7, A, Verdict.CHANGES)), of(REVISE, progressed),
        of(REVISE, done), of(REVISE, lambda request: updated(request, B)), *JUDGED,
        just(reviewed(7, B)), MERGE,
    ],
    "a check that fails": [
        *OPEN, *JUDGED, just(reviewed(7, A)), just(revision_wanted(7, A)),
        of(REVISE, progressed), of(REVISE, done),
        of(REVISE, lambda request: updated(request, B)), *JUDGED, just(reviewed(7, B)),
    ],
    "a conflict": [
        *OPEN, *JUDGED, just(reviewed(7, A)),
        just(revision_wanted(7, A, kind=CauseKind.CONFLICT, id=T)), of(REVISE, progressed),
        of(REVISE, done), of(REVISE, lambda request: updated(request, B)),
    ],
    "a moved base": [
        *OPEN, *JUDGED, just(reviewed(7, A)), just(review_wanted(7, A, tip=T)), *JUDGED,
        just(reviewed(7, A, tip=T)),
    ],
    "a refusal and a retry": [
        *OPEN[:-1], of(IMPLEMENT, refused), just(command(7, "retry")), of(IMPLEMENT, progressed),
        of(IMPLEMENT, done),
    ],
    "nothing to change": [
        *OPEN[:-2], of(IMPLEMENT, lambda request: finished(request, RunEnd.NOTHING_TO_CHANGE)),
        just(command(7, "retry")), of(IMPLEMENT, progressed),
    ],
    "a pause": [
        *OPEN[:-2], just(command(7, "pause")),
        of(IMPLEMENT, lambda request: finished(request, RunEnd.CANCELLED)),
        just(command(7, "resume", id="comment:51")), of(IMPLEMENT, progressed),
    ],
    "a stop": [
        *OPEN[:-2], just(FleetStopped(repo=REPO, why="label")),
        of(IMPLEMENT, lambda request: finished(request, RunEnd.CANCELLED)),
        just(FleetResumed(repo=REPO, why="gone")), of(IMPLEMENT, progressed),
    ],
    "a person who takes over": [
        *OPEN, just(taken_over(7)), just(review_wanted(7, B, tip=T)), *JUDGED,
        just(reviewed(7, B, tip=T)),
    ],
    "rounds used up": [
        lambda others: [observed(MONEY | {"review": {"rounds": 1}})], *OPEN[1:], *JUDGED,
        just(reviewed(7, A, Verdict.CHANGES)), just(command(7, "retry")),
        of(REVISE, progressed), of(REVISE, done),
    ],
    "priorities": [
        just(observed(MONEY | {"limits": {"concurrent_runs": 1}})), just(protected()),
        just(approved(7)), just(approved(8)), just(seen(8, "priority:high")),
        of(IMPLEMENT, progressed), of(IMPLEMENT, done), just(opened(7, A)),
    ],
}  # fmt: skip
POINTS = [(name, at) for name, steps in STORIES.items() for at in range(1, len(steps) + 1)]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A scheduler; each story begins with its tables empty."""
    made = Desk(START)
    yield made
    made.close()


def begin(desk: Desk) -> Others:
    """The others, around a scheduler that has heard nothing."""
    desk.clock = FakeClock(START)
    desk.forget()
    return Others(desk)


def play(others: Others, steps: list[Step]) -> None:
    """Each step, a minute apart, with a tick between."""
    for step in steps:
        others.say(*step(others))
        others.hear(others.desk.tick(timedelta(minutes=1)))


def ending(others: Others) -> dict[str, Any]:
    """What the story comes to: who was asked for what how often, and what is wanted next."""
    desk = others.desk
    return {
        "asked": Counter(each.run for each in others.requests),
        "live": {run.id for run in desk.runs() if run.state in ("sent", "held")},
        "waits": [(each.issue, each.kind, each.why, each.next) for each in desk.waiting()],
        "issues": [
            (i.number, i.phase, i.head, i.round if i.phase == "open" else 0, i.rest)
            for i in desk.issues()
            if i.phase not in ("merged", "closed")  # what has ended may be forgotten
        ],
    }


def spent(desk: Desk) -> int:
    """What all of it cost, as far as it is known here; what is reserved counts."""
    runs = sum(run.spent_micros + run.reserved_micros for run in desk.runs())
    return runs + sum(issue.spent_micros for issue in desk.issues())


@pytest.fixture(scope="module")
def undisturbed(desk: Desk) -> dict[str, dict[str, Any]]:
    """How each story ends where nothing is forgotten."""
    found: dict[str, dict[str, Any]] = {}
    for name, steps in STORIES.items():
        others = begin(desk)
        play(others, steps)
        found[name] = ending(others) | {"spent": spent(desk)}
    return found


@pytest.mark.parametrize(("name", "at"), POINTS)
def test_a_forgotten_story_goes_on_as_if_nothing_had_been_forgotten(
    desk: Desk, undisturbed: dict[str, dict[str, Any]], name: str, at: int
) -> None:
    """The others say it again in the order in which it was said first, and backwards at every second
    point: queues keep no order."""
    others = begin(desk)
    play(others, STORIES[name][:at])
    desk.forget()
    said = others.again()
    others.say(*(reversed(said) if at % 2 else said))
    play(others, STORIES[name][at:])
    expected = dict(undisturbed[name])
    least = expected.pop("spent")
    assert ending(others) == expected
    if STORIES[name][-1] is not MERGE:
        assert spent(desk) >= least  # what is not known counts as spent


def test_a_draft_that_the_gatekeeper_lost_is_asked_for_once_more_a_little_later(desk: Desk) -> None:
    others = begin(desk)
    play(others, [*STORIES["a stop"][:4], of(IMPLEMENT, done)])
    since = desk.clock.now()
    desk.clock.advance(60)
    assert desk.hear(protected().model_copy(update={"remembers_since": START})) == []
    assert desk.hear(protected().model_copy(update={"remembers_since": since})) == []
    again = desk.tick(timedelta(seconds=31))
    assert [(each.run, each.generation > others.requests[0].generation) for each in again
            if isinstance(each, WorkRequest)] == [(others.requests[0].run, True)]  # fmt: skip
    assert [run.tries for run in desk.runs()] == [0]


def test_a_draft_that_was_on_its_way_is_answered_and_not_asked_for_again(desk: Desk) -> None:
    others = begin(desk)
    play(others, [*STORIES["a stop"][:4], of(IMPLEMENT, done)])
    desk.hear(protected().model_copy(update={"remembers_since": desk.clock.now()}))
    said = desk.hear(opened(7, A))
    others.hear(said + desk.tick(timedelta(minutes=1)))
    assert [others.runs[each.run].kind for each in others.requests] == [IMPLEMENT, REVIEW]


def test_what_agents_say_of_a_run_that_nobody_has_told_of_is_kept_for_a_while(desk: Desk) -> None:
    others = begin(desk)
    play(others, STORIES["a stop"][:4])
    desk.forget()
    assert desk.hear(*others.holding.values()) == []
    desk.hear(observed(MONEY), protected())
    assert desk.tick(timedelta(minutes=14)) == []
    (stop,) = desk.tick(timedelta(minutes=2))
    assert isinstance(stop, RunCancelled)
    assert (stop.run, stop.holder) == (others.requests[0].run, HOLDER)


def test_with_both_memories_gone_a_live_run_is_adopted_from_its_holder_alone(desk: Desk) -> None:
    others = begin(desk)
    play(others, STORIES["a stop"][:4])
    desk.forget()
    desk.hear(*others.holding.values())
    assert desk.hear(observed(MONEY), protected(), approved(7)) == []
    (run,) = desk.runs()
    assert (run.state, run.holder, run.generation) == (
        "held", HOLDER, others.requests[0].generation
    )  # fmt: skip


def test_an_adopted_run_that_nobody_holds_is_sent_again_as_it_was(desk: Desk) -> None:
    others = begin(desk)
    play(others, STORIES["a stop"][:3])
    desk.forget()
    others.say(*others.again())
    (again,) = desk.tick(timedelta(minutes=6))
    assert again == others.requests[0]


def test_a_look_for_proposals_goes_on_under_its_holder(desk: Desk) -> None:
    begin(desk)
    desk.hear(observed(), protected())
    (request,) = desk.hear(command(7, "propose"))
    assert isinstance(request, WorkRequest)
    desk.forget()
    assert desk.hear(progressed(request, "pm-agent:1"), observed(), protected()) == []
    assert desk.hear(command(7, "propose")) == []
    assert [run.state for run in desk.runs()] == ["held"]


def test_runs_of_an_earlier_life_count_for_the_caps_of_the_day(desk: Desk) -> None:
    others = begin(desk)
    limited = observed({"limits": {"runs_per_issue_per_day": 1}})
    play(others, [just(limited), *STORIES["nothing to change"][1:5]])
    desk.forget()
    others.say(*others.again())
    (parked,) = desk.hear(command(7, "retry"))
    assert isinstance(parked, IssueParked)
    began = datetime.fromtimestamp(others.requests[0].generation / 1000, UTC)
    assert parked.until == began + timedelta(days=1)
