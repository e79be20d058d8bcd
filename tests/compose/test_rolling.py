"""Copies are restarted one after another while they work: each issue gets its one pull request."""

import pytest

from shared.lifecycle import IssueState
from tests.compose.person import ROLLING, You
from tests.compose.stack import Stack, engine

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]


def test_a_rolling_restart_under_load_loses_nothing_and_does_nothing_twice(
    stack: Stack, you: You
) -> None:
    chosen = [each.number for each in you.proposals(len(ROLLING), of=ROLLING)]
    stack.up("--scale", "dev-agent=3", "--scale", "qa-agent=2")
    dead, redelivered = stack.dead(), stack.redelivered()

    for number in chosen:
        you.approve(number)
    copies = [*stack.ids("dev-agent"), *stack.ids("qa-agent")]
    for copy in copies:
        engine("restart", copy)
        stack.answers(copy)
    merged = {number: you.merge(number) for number in chosen}

    assert len(copies) == 5
    assert {line.state for line in merged.values()} == {IssueState.MERGED}
    for number, line in merged.items():
        assert you.pulls_of(number) == [line.pull_request]
    assert stack.dead() == dead
    assert stack.redelivered() == redelivered
    stack.up()
