"""Every container dies once while work goes through the stack, the broker too: it converges, once."""

import pytest

from shared.lifecycle import IssueState
from tests.compose.person import You
from tests.compose.stack import ON_BUS, Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]


def test_a_change_gets_through_whatever_dies(stack: Stack, you: You) -> None:
    (proposed,) = you.proposals(1)
    dead = stack.dead()  # others may have said what nobody can read
    said = stack.compose(
        "run", "--rm", "-T", "you", "approve", str(proposed.number), "--yes", "--no-wait"
    )
    assert f"#{proposed.number}" in said
    you.until(proposed.number, lambda line: line.state is not IssueState.PROPOSED, "taken up")

    for service in (*ON_BUS, "rabbitmq", "local-forge"):
        stack.crash(service)
    merged = you.merge(proposed.number)
    stack.healthy()

    assert merged.state is IssueState.MERGED
    assert you.pulls_of(proposed.number) == [merged.pull_request]
    assert stack.dead() == dead


def test_down_in_the_middle_of_a_run_and_up_again_goes_on_with_it(stack: Stack, you: You) -> None:
    (proposed,) = you.proposals(1)
    dead = stack.dead()
    you.approve(proposed.number)
    you.until(proposed.number, lambda line: line.state is IssueState.WORKING, "worked on")

    stack.compose("down", "-t", "2")
    stack.up()
    merged = you.merge(proposed.number)

    assert merged.state is IssueState.MERGED
    assert you.pulls_of(proposed.number) == [merged.pull_request]
    assert stack.dead() == dead
