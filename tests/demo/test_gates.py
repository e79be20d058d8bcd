"""Which questions stand."""

from services.demo.gates import questions
from shared.lifecycle import Grant, RunKind
from tests.demo.views import HEAD, approved, facts, merged, proposed, ready


def test_merges_are_asked_before_approvals() -> None:
    found = questions((proposed(1), ready(2), approved(3), merged(4)))
    assert [(each.gate, each.issue, each.pull_request, each.head) for each in found] == [
        (2, 2, 102, HEAD), (1, 1, None, ""),
    ]  # fmt: skip
    assert [each.button for each in found] == ["merge", "approve"]


def test_only_open_proposals_of_the_fleet_are_asked_about() -> None:
    assert questions((
        facts(proposed(1), open=False), facts(proposed(2), by_fleet=False),
        facts(proposed(3), approval=Grant.ENDED), facts(ready(4), run=RunKind.REVIEW),
    )) == ()  # fmt: skip


def test_another_head_is_another_question() -> None:
    (one,), (other,) = questions((ready(1),)), questions((ready(1, head="c" * 40),))
    assert one.key != other.key
    assert questions((ready(1),))[0].key == one.key
