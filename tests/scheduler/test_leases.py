"""Leases: the first holder wins, silence costs the lease, and three tries are enough."""

from datetime import timedelta

import pytest

from shared.messages.content import RunEnd, Usage
from shared.messages.ids import implementation_run
from shared.messages.work import ImplementationRequested, IssueParked, RunCancelled, RunEnded
from tests.scheduler.desk import Desk, kinds, only
from tests.scheduler.story import (
    HOLDER,
    REPO,
    START,
    approval,
    approved,
    finished,
    implementing,
    observed,
    opened,
    progressed,
    refused,
)

LEASE = timedelta(minutes=2)
A_BIT = timedelta(seconds=1)
PICKUP = timedelta(minutes=5)


@pytest.fixture
def request_of_7(desk: Desk) -> ImplementationRequested:
    """What was asked for first."""
    return only(desk.hear(approved(7)), ImplementationRequested)


def test_the_first_holder_wins_and_another_is_cancelled_by_name(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    assert desk.hear(progressed(request_of_7)) == []
    assert desk.hear(progressed(request_of_7, "dev-agent:2")) == [
        RunCancelled(
            repo=REPO, run=request_of_7.run, generation=request_of_7.generation, issue=7,
            reason=f"{HOLDER} holds it already", holder="dev-agent:2",
        )
    ]  # fmt: skip
    assert desk.run(request_of_7.run).holder == HOLDER


def test_what_a_loser_says_in_the_end_does_not_end_the_run(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    desk.hear(progressed(request_of_7))
    loser = finished(
        request_of_7, RunEnd.CANCELLED, holder="dev-agent:2", usage=Usage(money_micros=5)
    )
    assert desk.hear(loser) == []
    run = desk.run(request_of_7.run)
    assert (run.state, run.holder, run.spent_micros) == ("held", HOLDER, 5)
    assert kinds(desk.hear(finished(request_of_7), opened(7))) == ["RunEnded", "ReviewRequested"]


def test_progress_keeps_the_lease_and_silence_loses_it(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    desk.hear(progressed(request_of_7))
    assert desk.tick(LEASE - A_BIT) == []
    desk.hear(progressed(request_of_7))
    assert desk.tick(LEASE - A_BIT) == []
    said = desk.tick(2 * A_BIT)
    assert kinds(said) == ["RunCancelled", "ImplementationRequested"]
    again = only(said, ImplementationRequested)
    assert only(said, RunCancelled).generation == request_of_7.generation
    assert again == request_of_7.model_copy(update={"generation": again.generation})
    assert again.generation > request_of_7.generation
    assert desk.run(again.run).tries == 1


def test_i13_a_stale_generation_is_told_to_stop(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    desk.hear(progressed(request_of_7))
    again = only(desk.tick(LEASE + A_BIT), ImplementationRequested)
    desk.hear(progressed(again, "dev-agent:2"))
    stop = only(desk.hear(progressed(request_of_7)), RunCancelled)
    assert (stop.generation, stop.holder) == (request_of_7.generation, HOLDER)
    assert desk.hear(finished(request_of_7)) == []
    assert desk.run(again.run).holder == "dev-agent:2"


def test_after_three_tries_the_issue_needs_a_person(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    latest = request_of_7
    for _ in range(2):
        desk.hear(progressed(latest))
        latest = only(desk.tick(LEASE + A_BIT), ImplementationRequested)
    desk.hear(progressed(latest))
    said = desk.tick(LEASE + A_BIT)
    assert kinds(said) == ["RunCancelled", "RunEnded", "IssueParked"]
    parked = only(said, IssueParked)
    assert (
        parked.why == f"tried 3 times, at last: {HOLDER} has been silent for longer than its lease"
    )
    assert (parked.until, parked.next) == (None, "comment `/gatefleet retry`")
    assert desk.tick(timedelta(days=2)) == []


def test_nobody_who_picks_it_up_gets_the_same_generation_again(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    assert desk.tick(PICKUP - A_BIT) == []
    for _ in range(5):
        assert desk.tick(PICKUP + A_BIT) == [request_of_7]
    assert desk.run(request_of_7.run).tries == 0


@pytest.mark.parametrize(
    ("end", "tries"), [(RunEnd.INTERRUPTED, 3), (RunEnd.CANCELLED, 3), (RunEnd.TIMED_OUT, 2)]
)
def test_an_end_that_may_go_better_is_tried_again_and_one_that_took_too_long_only_once(
    desk: Desk, request_of_7: ImplementationRequested, end: RunEnd, tries: int
) -> None:
    latest = request_of_7
    for _ in range(tries - 1):
        desk.hear(progressed(latest))
        latest = only(desk.hear(finished(latest, end)), ImplementationRequested)
    said = desk.hear(finished(latest, end))
    assert kinds(said) == ["RunEnded", "IssueParked"]
    assert only(said, IssueParked).why == f"tried {tries} times, at last: why"


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (RunEnd.DECLINED, "why"),
        (RunEnd.OUT_OF_BUDGET, "why"),
        (RunEnd.NOTHING_TO_CHANGE, "the engine changed nothing: why"),
        (RunEnd.PARKED, "why"),
    ],
)
def test_other_ends_need_a_person_at_once(
    desk: Desk, request_of_7: ImplementationRequested, end: RunEnd, why: str
) -> None:
    said = desk.hear(finished(request_of_7, end))
    assert only(said, RunEnded).end is end
    assert only(said, IssueParked).why == why
    assert desk.tick(timedelta(days=2)) == []


def test_what_is_parked_until_a_time_goes_on_then(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    until = START + timedelta(hours=1)
    said = desk.hear(finished(request_of_7, RunEnd.PARKED, until=until))
    assert said == [
        IssueParked(repo=REPO, issue=7, until=until, why="why", next="comment `/gatefleet retry`")
    ]
    assert desk.tick(timedelta(minutes=59)) == []
    again = only(desk.tick(timedelta(minutes=2)), ImplementationRequested)
    assert again.run == request_of_7.run
    assert desk.run(again.run).tries == 0


def test_a_draft_ends_its_run_with_the_gatekeepers_answer(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    assert desk.hear(progressed(request_of_7), finished(request_of_7)) == []
    assert desk.tick(timedelta(days=1)) == []  # no lease runs out while the answer is awaited
    said = desk.hear(opened(7))
    assert only(said, RunEnded).carried_out


def test_progress_that_comes_after_the_last_word_holds_no_lease(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    assert desk.hear(finished(request_of_7), progressed(request_of_7)) == []
    assert desk.tick(timedelta(days=1)) == []
    assert kinds(desk.hear(opened(7))) == ["RunEnded", "ReviewRequested"]


def test_the_answer_may_come_before_the_last_word(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    desk.hear(progressed(request_of_7))
    assert desk.hear(opened(7)) == []  # one run an issue: the review waits for the last word
    assert kinds(desk.hear(finished(request_of_7))) == ["RunEnded", "ReviewRequested"]


def test_a_refused_draft_is_said_and_needs_a_person(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    desk.hear(progressed(request_of_7), finished(request_of_7))
    said = desk.hear(refused(request_of_7))
    assert only(said, RunEnded).carried_out is False
    assert only(said, IssueParked).why == "the change was not published: it is out_of_scope"


@pytest.mark.parametrize("name", ["stale_generation", "stale_head", "approval", "carried_out"])
def test_a_refusal_because_something_newer_is_there_asks_nobody(
    desk: Desk, request_of_7: ImplementationRequested, name: str
) -> None:
    said = desk.hear(finished(request_of_7), refused(request_of_7, name))
    assert kinds(said) == ["RunEnded"]


def test_a_draft_published_after_its_lease_was_over_is_not_made_again(
    desk: Desk, request_of_7: ImplementationRequested
) -> None:
    desk.hear(progressed(request_of_7), observed({"limits": {"concurrent_runs": 1}}), approved(8))
    said = desk.tick(LEASE + A_BIT)
    assert only(said, ImplementationRequested).issue == 7  # the older approval goes first
    lost = only(said, ImplementationRequested)
    desk.hear(progressed(lost))
    desk.hear(opened(7))
    said = desk.hear(finished(lost))
    assert [run.state for run in desk.runs(id=implementing(7))] == ["ended"]
    assert "ReviewRequested" in kinds(said)


def test_an_unknown_run_is_told_to_stop(desk: Desk, request_of_7: ImplementationRequested) -> None:
    other = request_of_7.model_copy(update={"run": implementation_run(approval(99))})
    assert only(desk.hear(progressed(other)), RunCancelled).run == other.run
    assert desk.hear(finished(other), refused(other)) == []
