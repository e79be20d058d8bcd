"""The loop through the stack, as a person goes through it: pages first, then the command line."""

import time

import pytest

from shared.lifecycle import IssueState
from tests.compose.person import You
from tests.compose.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]


def test_a_person_approves_reads_the_diff_and_merges_on_the_pages(stack: Stack, you: You) -> None:
    (proposed,) = you.proposals(1)
    began = time.monotonic()

    you.approve(proposed.number)
    ready = you.until_state(proposed.number, IssueState.READY)
    diff = you.read(f"pull/{ready.pull_request}/files")
    merged = you.merge(proposed.number)

    stack.figures.append(f"the loop, from approval to merge: {time.monotonic() - began:.0f} s")
    assert "<td" in diff
    assert (merged.state, merged.approved_by) == (IssueState.MERGED, "you")


def test_the_command_line_says_the_same_with_the_persons_own_token(you: You, stack: Stack) -> None:
    said = stack.compose("run", "--rm", "-T", "you", "status", "--json")
    inbox = stack.compose("run", "--rm", "-T", "you", "inbox")

    assert '"repository"' in said
    waits = [number for number, line in you.issues().items() if line.waits_for_person]
    assert waits  # what no engine here can do waits for a person for ever
    for number in waits:
        assert f"#{number}" in inbox
