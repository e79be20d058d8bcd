"""A story that fails is made short, and still fails the same way."""

from collections.abc import Sequence

from tests.simulation.acting import Act, story
from tests.simulation.shrinking import Fails, kind_of, shrink


def fails_with(*needed: int) -> Fails:
    def fails(acts: Sequence[Act]) -> str:
        there = {act.chance for act in acts}
        return "#7: broken" if there >= set(needed) else ""

    return fails


def acts(count: int) -> list[Act]:
    return [Act(0.0, "wait", number) for number in range(count)]


def test_only_what_the_failure_needs_is_left() -> None:
    shortest = shrink(acts(40), "#1: broken", fails_with(3, 31), tries=200)

    assert [act.chance for act in shortest] == [3, 31]


def test_no_more_runs_than_allowed() -> None:
    runs: list[Sequence[Act]] = []

    def fails(shorter: Sequence[Act]) -> str:
        runs.append(shorter)
        return ""

    shrink(acts(1000), "broken", fails, tries=5)

    assert len(runs) == 5


def test_another_failure_is_not_the_same_one() -> None:
    def fails(shorter: Sequence[Act]) -> str:
        return "broken" if len(shorter) > 4 else "something else"

    assert len(shrink(acts(16), "broken", fails, tries=100)) == 5


def test_numbers_do_not_make_another_failure() -> None:
    assert kind_of("#7: 3fa9c1d2e is there twice") == kind_of("#12: 99aa00bb1 is there twice")


def test_a_seed_has_one_story() -> None:
    assert story("5", 30) == story("5", 30)
    assert story("5", 30) != story("6", 30)
