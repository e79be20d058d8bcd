"""How much at a time, in which order, for how much."""

from datetime import timedelta
from typing import Any

import pytest

from shared.messages import Message
from shared.messages.content import RunEnd, Usage
from shared.messages.work import ImplementationRequested, IssueParked, RunEnded
from tests.scheduler.desk import Desk, kinds, only
from tests.scheduler.story import (
    START,
    approved,
    closed,
    command,
    finished,
    observed,
    opened,
    progressed,
    protected,
    revoked,
    seen,
)

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def limited(desk: Desk, **limits: object) -> Desk:
    """The repository with these limits."""
    desk.hear(observed({"limits": limits}), protected())
    return desk


def issues(said: list[Message]) -> list[int]:
    """Which issues' implementation was asked for, in order."""
    return [each.issue for each in said if isinstance(each, ImplementationRequested)]


def test_the_most_urgent_goes_first_then_the_oldest_approval(blank: Desk) -> None:
    blank.hear(
        observed({"limits": {"concurrent_runs": 10, "open_pull_requests": 10}}),
        approved(1, after=3 * MINUTE),
        approved(2, "priority:low", after=MINUTE),
        approved(3, "priority:high", after=5 * MINUTE),
        approved(4, after=2 * MINUTE),
        approved(5, "Priority:Critical", after=6 * MINUTE),
    )
    assert issues(blank.hear(protected())) == [5, 3, 4, 1, 2]


@pytest.mark.parametrize("numbers", [[1, 2, 3], [3, 1, 2], [2, 3, 1]])
def test_of_the_same_age_the_lower_number_goes_first(blank: Desk, numbers: list[int]) -> None:
    blank.hear(observed({"limits": {"concurrent_runs": 5}}), *map(approved, numbers))
    assert issues(blank.hear(protected())) == [1, 2, 3]


def test_no_more_runs_at_a_time_than_allowed(blank: Desk) -> None:
    limited(blank, concurrent_runs=2)
    said = blank.hear(*map(approved, [1, 2, 3, 4]))
    assert issues(said) == [1, 2]
    request = only(said[:1], ImplementationRequested)
    assert issues(blank.hear(finished(request, RunEnd.DECLINED))) == [3]


def test_i20_one_run_an_issue_whatever_flaps(desk: Desk) -> None:
    for nth in range(1, 30):
        desk.hear(approved(7, nth=nth, after=nth * MINUTE))
        assert len(desk.runs(state="sent")) <= 1
        if nth % 2:
            desk.hear(revoked(7, nth=nth))
            assert desk.runs(state="sent") == []


def test_no_more_pull_requests_are_begun_than_may_be_open(blank: Desk) -> None:
    limited(blank, concurrent_runs=5, open_pull_requests=2)
    said = blank.hear(*map(approved, [1, 2, 3]))
    assert issues(said) == [1, 2]
    one = only(said[:1], ImplementationRequested)
    assert issues(blank.hear(progressed(one), finished(one), opened(1))) == []
    assert issues(blank.hear(closed(1))) == [3]


def test_i20_runs_of_one_issue_are_capped_whoever_asks(blank: Desk) -> None:
    limited(blank, runs_per_issue_per_day=2)
    said = blank.hear(approved(7))
    for number in (1, 2):
        blank.hear(finished(only(said, ImplementationRequested), RunEnd.DECLINED))
        blank.clock.advance(60)
        said = blank.hear(command(7, "retry", id=f"comment:{number}"))
    parked = only(said, IssueParked)
    assert parked.why == (
        "2 runs in 24 hours: the limit of one issue (limits.runs_per_issue_per_day)"
    )
    assert parked.until == START + DAY  # when the first of them is a day old


def test_a_cap_says_why_until_when_and_what_continues_it(blank: Desk) -> None:
    limited(blank, runs_per_day=1, concurrent_runs=5)
    said = blank.hear(approved(1), approved(2))
    parked = only(said, IssueParked)
    assert (parked.issue, parked.until) == (2, START + DAY)
    assert parked.why == "1 runs in 24 hours: the limit of this repository (limits.runs_per_day)"
    assert (
        parked.next
        == "raise it in .gatefleet.yml and comment `/gatefleet retry`, or wait until then"
    )
    assert blank.hear(approved(2)) == []
    limited(blank, runs_per_day=5, concurrent_runs=5)
    assert issues(blank.hear(command(2, "retry"))) == [2]


def test_what_was_parked_by_a_cap_goes_on_when_its_time_has_come(blank: Desk) -> None:
    limited(blank, runs_per_day=1, concurrent_runs=5)
    one = only(blank.hear(approved(1), approved(2))[:1], ImplementationRequested)
    blank.hear(finished(one, RunEnd.DECLINED))
    assert issues(blank.tick(DAY - MINUTE)) == []
    assert issues(blank.tick(2 * MINUTE)) == [2]


def budgeted(desk: Desk, **budget: object) -> Desk:
    """The repository with this budget."""
    policy: dict[str, Any] = {
        "budget": budget, "limits": {"concurrent_runs": 9, "open_pull_requests": 9}
    }  # fmt: skip
    desk.hear(observed(policy), protected())
    return desk


def test_without_a_budget_nothing_may_be_spent(desk: Desk) -> None:
    request = only(desk.hear(approved(7)), ImplementationRequested)
    assert request.limits.money_micros == 0


def test_a_run_reserves_before_it_may_spend(blank: Desk) -> None:
    budgeted(blank, run=1, issue=2, day=3)
    said = blank.hear(*map(approved, [1, 2, 3, 4]))
    money = [each.limits.money_micros for each in said if isinstance(each, ImplementationRequested)]
    assert money == [1_000_000] * 3
    parked = only(said, IssueParked)
    assert parked.why == "the budget of this day (3.00 USD) is used up (budget.day)"
    assert parked.until == START + DAY


def test_what_was_not_spent_is_there_again(blank: Desk) -> None:
    budgeted(blank, run=1, issue=1, day=1)
    one = only(blank.hear(approved(1)), ImplementationRequested)
    blank.hear(finished(one, RunEnd.DECLINED, usage=Usage(money_micros=400_000)))
    two = only(blank.hear(approved(2)), ImplementationRequested)
    assert two.limits.money_micros == 600_000


def test_the_budget_of_an_issue_is_a_cap_and_no_delay(blank: Desk) -> None:
    budgeted(blank, run=1, issue=1, day=9)
    one = only(blank.hear(approved(1)), ImplementationRequested)
    said = blank.hear(finished(one, RunEnd.INTERRUPTED, usage=Usage(money_micros=1_000_000)))
    parked = only(said, IssueParked)
    assert (parked.until, parked.next) == (
        None, "raise it in .gatefleet.yml and comment `/gatefleet retry`"
    )  # fmt: skip
    assert blank.tick(3 * DAY) == []


def test_spend_that_is_not_known_counts_as_spent(blank: Desk) -> None:
    budgeted(blank, run=1, issue=2, day=2)
    one = only(blank.hear(approved(1)), ImplementationRequested)
    blank.hear(finished(one, RunEnd.DECLINED, usage=Usage(known=False)))
    assert blank.run(one.run).spent_micros == 1_000_000
    assert [e.limits.money_micros for e in _asked(blank.hear(approved(2), approved(3)))] == [
        1_000_000
    ]


def test_a_generation_that_ends_without_usage_is_charged_whole(blank: Desk) -> None:
    budgeted(blank, run=1, issue=2, day=9)
    one = only(blank.hear(approved(1)), ImplementationRequested)
    blank.hear(progressed(one))
    two = only(blank.tick(timedelta(minutes=3)), ImplementationRequested)
    assert (two.run, two.limits.money_micros) == (one.run, 1_000_000)
    blank.hear(progressed(two))
    said = blank.tick(timedelta(minutes=3))
    assert (
        only(said, IssueParked).why
        == "the budget of this issue (2.00 USD) is used up (budget.issue)"
    )


def test_a_cancelled_run_counts_whole_until_it_has_spoken(blank: Desk) -> None:
    budgeted(blank, run=1, issue=1, day=1)
    one = only(blank.hear(approved(1)), ImplementationRequested)
    said = blank.hear(progressed(one), revoked(1))
    assert only(said, RunEnded).usage == Usage(known=False)
    assert kinds(blank.hear(approved(2))) == ["IssueParked"]
    blank.hear(finished(one, RunEnd.CANCELLED, usage=Usage(money_micros=250_000)))
    run = blank.run(one.run)
    assert (run.reserved_micros, run.spent_micros) == (0, 250_000)
    again = only(blank.hear(command(2, "retry")), ImplementationRequested)
    assert again.limits.money_micros == 750_000


def test_what_nobody_took_has_spent_nothing(blank: Desk) -> None:
    budgeted(blank, run=1, issue=1, day=1)
    blank.hear(approved(1), revoked(1))
    assert only(blank.hear(approved(2)), ImplementationRequested).limits.money_micros == 1_000_000


def test_a_paused_run_is_charged_once(blank: Desk) -> None:
    budgeted(blank, run=1, issue=2, day=9)
    one = only(blank.hear(approved(1)), ImplementationRequested)
    blank.hear(progressed(one), command(1, "pause"))
    blank.hear(finished(one, RunEnd.CANCELLED, usage=Usage(money_micros=500_000)))
    two = only(blank.hear(command(1, "resume", id="comment:51")), ImplementationRequested)
    run = blank.run(one.run)
    assert (two.run, two.limits.money_micros) == (one.run, 1_000_000)
    assert (run.reserved_micros, run.spent_micros) == (1_000_000, 500_000)


def _asked(said: list[Message]) -> list[ImplementationRequested]:
    return [each for each in said if isinstance(each, ImplementationRequested)]


def test_labels_that_people_change_change_the_order(blank: Desk) -> None:
    limited(blank, concurrent_runs=1)
    one = only(blank.hear(approved(1)), ImplementationRequested)
    blank.hear(approved(2), approved(3), seen(3, "priority:high", after=MINUTE))
    blank.hear(seen(3, after=-MINUTE))  # an older sight of it
    assert issues(blank.hear(finished(one, RunEnd.DECLINED))) == [3]
