"""Every container dies once while work goes through the stack, the broker too: it converges, once."""

import httpx
import pytest

from shared.lifecycle import IssueState
from tests.compose.person import REPOSITORY, You
from tests.compose.stack import ON_BUS, Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

COUNT = (
    "rabbitmqctl", "-q", "eval",
    '{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"gatefleet.dead">>)), '
    "{ok, Count, _} = rabbit_amqqueue:stat(Q), Count.",
)  # fmt: skip
"""Asked of the queue itself: the listing is some seconds old."""


def test_a_change_gets_through_whatever_dies(stack: Stack, you: You) -> None:
    (proposed,) = you.proposals(1)
    dead = _dead(stack)  # others may have said what nobody can read
    said = stack.compose(
        "run", "--rm", "-T", "you", "approve", str(proposed.number), "--yes", "--no-wait"
    )
    assert f"#{proposed.number}" in said
    you.until(proposed.number, lambda line: line.state is not IssueState.PROPOSED, "taken up")

    stack.compose("down", "-t", "2")
    stack.up()
    for service in (*ON_BUS, "rabbitmq", "local-forge"):
        stack.crash(service)
    merged = you.merge(proposed.number)
    stack.healthy()

    assert merged.state is IssueState.MERGED
    assert _pulls_of(stack, proposed.number) == [merged.pull_request]
    assert _dead(stack) == dead


def _pulls_of(stack: Stack, issue: int) -> list[int]:
    """Every pull request on the forge whose branch is the issue's."""
    token = stack.exec("local-forge", "cat", "/run/gatefleet/you").strip()
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{stack.pages}/repos/{REPOSITORY}/pulls?state=all"
    found = httpx.get(url, headers=headers, timeout=30).json()
    return [each["number"] for each in found if f"/issue-{issue}/" in each["head"]["ref"]]


def _dead(stack: Stack) -> int:
    return int(stack.exec("rabbitmq", *COUNT))
