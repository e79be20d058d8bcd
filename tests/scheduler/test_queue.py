"""What waits is said whenever it changed: its order, what holds it, and what continues it."""

from datetime import timedelta

import pytest

from services.scheduler.waiting import OFF_WORDS, STOPPED_WORDS
from shared.messages import Message
from shared.messages.content import GateInput, RunEnd, RunKind, Waiting
from shared.messages.gate import FleetResumed, FleetStopped, PullRequestEvaluated
from shared.messages.work import ImplementationRequested, QueueChanged
from tests.scheduler.desk import Desk, kinds, only
from tests.scheduler.story import (
    REPO,
    START,
    TIP,
    approved,
    closed,
    command,
    finished,
    observed,
    opened,
    progressed,
    protected,
    reviewed,
    seen,
)

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
A = "a" * 40
ONE_AT_A_TIME = {"limits": {"concurrent_runs": 1}}
OTHER = REPO.model_copy(update={"id": "2", "name": "other"})


def queue(desk: Desk) -> list[tuple[int | None, str, str]]:
    """Issue, what holds it, and the words that continue it, in order."""
    assert [each.place for each in desk.waiting()] == list(range(1, len(desk.waiting()) + 1))
    return [(each.issue, each.why, each.next) for each in desk.waiting()]


def numbers(desk: Desk) -> list[int | None]:
    """Which issues wait, in order."""
    return [each.issue for each in desk.waiting()]


@pytest.fixture
def crowd(blank: Desk) -> Desk:
    """One place, one run, and two that wait."""
    blank.hear(observed(ONE_AT_A_TIME), protected(), approved(1), approved(2), approved(3))
    return blank


def test_the_queue_is_said_when_it_changed_and_only_then(crowd: Desk) -> None:
    assert numbers(crowd) == [2, 3]
    count = len(crowd.queues)
    crowd.tick(MINUTE)
    crowd.hear(approved(2), observed(ONE_AT_A_TIME))
    assert len(crowd.queues) == count
    crowd.hear(seen(3, "priority:high", after=MINUTE))
    assert (numbers(crowd), len(crowd.queues)) == ([3, 2], count + 1)


def test_a_start_says_the_queue_again(crowd: Desk) -> None:
    before, count = crowd.queues[-1], len(crowd.queues)
    crowd.clock.advance(60)
    crowd.start()
    assert crowd.queues[count:] == [before.model_copy(update={"at": crowd.clock.now()})]


def test_the_next_one_leaves_the_queue_when_it_goes(crowd: Desk) -> None:
    crowd.hear(finished(crowd.request(crowd.runs(state="sent")[0].id), RunEnd.DECLINED))
    assert numbers(crowd) == [3]


def test_what_waits_for_its_turn_says_whose_it_is(crowd: Desk) -> None:
    why = "1 of 1 runs of this repository are under way (limits.concurrent_runs)"
    assert queue(crowd) == [(2, why, ""), (3, why, "")]


def test_what_rests_comes_last_with_its_reason(crowd: Desk) -> None:
    crowd.hear(command(2, "pause"))
    assert crowd.waiting()[-1] == Waiting(
        issue=2, kind=RunKind.IMPLEMENTATION, place=2, why="maintainer paused it",
        next="comment `/gatefleet resume`",
    )  # fmt: skip


def test_a_cap_of_a_day_says_when_it_passes(blank: Desk) -> None:
    blank.hear(observed({"limits": {"runs_per_day": 1}}), protected(), approved(1), approved(2))
    (waits,) = blank.waiting()
    assert (waits.issue, waits.until) == (2, START + DAY)
    blank.hear(finished(blank.request(blank.runs(state="sent")[0].id), RunEnd.DECLINED))
    blank.tick(DAY + MINUTE)
    assert blank.waiting() == ()


def test_i19_a_stop_holds_all_and_says_how_to_go_on(crowd: Desk) -> None:
    crowd.hear(FleetStopped(repo=REPO, why="label on #9"))
    why = "the fleet is stopped: label on #9"
    assert queue(crowd) == [(n, why, STOPPED_WORDS) for n in (1, 2, 3)]
    crowd.hear(FleetResumed(repo=REPO, why="gone"))
    assert numbers(crowd) == [2, 3]


def test_i15_a_repository_that_is_off_holds_all(blank: Desk) -> None:
    blank.hear(observed(), approved(1))
    assert queue(blank) == [
        (1, "the protection of the repository has not been looked at yet", "")
    ]  # fmt: skip
    blank.hear(protected(False))
    assert queue(blank)[0][2] == OFF_WORDS


def evaluated(number: int, *inputs: tuple[str, str], open: bool, head: str = A) -> Message:
    """Gate 2 of a pull request."""
    return PullRequestEvaluated(
        repo=REPO, issue=number, pull_request=number + 100, head=head, tip=TIP, open=open,
        inputs=tuple(GateInput(name=name, value=value, cause="") for name, value in inputs),
    )  # fmt: skip


@pytest.fixture
def judged(blank: Desk) -> Desk:
    """#8 has a pull request with a verdict; pull requests may wait for people for a week."""
    blank.hear(observed({"limits": {"pull_request_wait": "7d"}}), protected())
    request = only(blank.hear(approved(8)), ImplementationRequested)
    blank.hear(progressed(request), finished(request), opened(8))
    review = blank.request(blank.runs(kind="review")[0].id)
    blank.hear(progressed(review), finished(review), reviewed(8))
    return blank


@pytest.mark.parametrize(
    "waits",
    [
        evaluated(8, ("review", "pass"), open=True),
        evaluated(8, ("protected", "fail"), ("review", "pass"), open=False),
        evaluated(8, ("people", "fail"), open=False),
        command(8, "pause"),
    ],
)
def test_i20_a_pull_request_that_waits_too_long_for_people_holds_what_is_new(
    judged: Desk, waits: Message
) -> None:
    judged.hear(waits)
    judged.clock.advance(7 * DAY.total_seconds() - 1)
    assert kinds(judged.hear(approved(9))) == ["ImplementationRequested"]
    judged.clock.advance(1)
    assert judged.hear(approved(10)) == []
    (held,) = judged.waiting()
    assert held.why == (
        "pull request #108 has waited for people since 2030-01-07 (limits.pull_request_wait)"
    )
    assert held.next == "merge or close #108, or raise it in .gatefleet.yml"
    assert kinds(judged.hear(closed(8))) == ["ImplementationRequested"]


@pytest.mark.parametrize(
    "works",
    [
        [evaluated(8, ("review", "fail"), ("people", "fail"), open=False)],
        [evaluated(8, ("tests", "unknown"), open=False)],
        [
            evaluated(8, ("review", "pass"), open=True),
            evaluated(8, ("review", "unknown"), open=False),
        ],
        [],
    ],
)
def test_what_the_fleet_or_a_check_is_at_waits_for_nobody(
    judged: Desk, works: list[Message]
) -> None:
    judged.hear(*works)
    judged.clock.advance(30 * DAY.total_seconds())
    assert kinds(judged.hear(approved(10))) == ["ImplementationRequested"]


def test_another_head_begins_the_wait_anew(judged: Desk) -> None:
    judged.hear(evaluated(8, ("review", "pass"), open=True))
    judged.clock.advance(6 * DAY.total_seconds())
    judged.hear(opened(8).model_copy(update={"head": "b" * 40, "round": 2}))
    judged.hear(evaluated(8, ("review", "pass"), open=True, head="b" * 40))
    judged.clock.advance(6 * DAY.total_seconds())
    assert judged.hear(approved(10)) != []


def other(message: Message) -> Message:
    """The same of another repository."""
    return message.model_copy(update={"repo": OTHER})


def test_i20_the_fleets_places_go_round_over_its_repositories(blank: Desk) -> None:
    roomy = observed({"limits": {"concurrent_runs": 9, "open_pull_requests": 9}})
    blank.start(concurrent_runs=2)
    blank.hear(roomy, other(roomy), protected(), other(protected()))
    order: list[str] = []
    said = blank.hear(*(approved(n) for n in (1, 2, 3)), *(other(approved(n)) for n in (4, 5)))
    while requests := [each for each in said if isinstance(each, ImplementationRequested)]:
        order += [f"{each.repo.name}#{each.issue}" for each in requests]
        blank.clock.advance(60)
        assert len(blank.runs(state="sent")) == 2 or len(order) == 5
        live = blank.request(min(blank.runs(state="sent"), key=lambda run: run.generation).id)
        ended = finished(live, RunEnd.DECLINED)
        said = blank.hear(ended if live.repo == REPO else other(ended))
    assert order == ["hello#1", "hello#2", "other#4", "hello#3", "other#5"]


def test_i20_a_repository_that_waits_for_the_fleet_says_so(blank: Desk) -> None:
    blank.start(concurrent_runs=1)
    blank.hear(observed(), other(observed()), protected(), other(protected()))
    blank.hear(approved(1), other(approved(4)))
    last = [each for each in blank.queues if each.repo == OTHER][-1]
    assert [(each.issue, each.why) for each in last.waiting] == [
        (4, "1 of 1 runs of the whole fleet are under way (GATEFLEET_SCHEDULER_CONCURRENT_RUNS)")
    ]
    assert isinstance(last, QueueChanged)


def test_a_revision_is_begun_while_an_old_pull_request_waits(judged: Desk) -> None:
    judged.hear(evaluated(8, ("review", "pass"), open=True))
    request = only(judged.hear(approved(9)), ImplementationRequested)
    judged.clock.advance(8 * DAY.total_seconds())
    said = judged.hear(progressed(request), finished(request), opened(9, "c" * 40))
    assert "ReviewRequested" in kinds(said)
