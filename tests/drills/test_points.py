"""The counting itself: where it strikes, and when work counts as having gone on."""

from pathlib import Path

from tests.drills.points import Passing, Points, passed, resumed


def test_a_point_strikes_at_the_passing_that_was_named_and_at_no_other(tmp_path: Path) -> None:
    struck: list[str] = []
    points = Points(tmp_path / "passed", {"a": 2}, strike=struck.append)
    assert [points.reach(each) for each in ("a", "b", "a", "a")] == [False, False, True, False]
    assert struck == ["a"]
    assert [(each.name, each.hit) for each in passed(tmp_path / "passed")] == [
        ("a", False), ("b", False), ("a", True), ("a", False),
    ]  # fmt: skip


def test_work_has_gone_on_when_the_struck_point_or_a_new_one_is_passed() -> None:
    passings = [
        Passing(1.0, "a", False), Passing(2.0, "b", True), Passing(3.0, "a", False),
        Passing(5.0, "c", True), Passing(6.0, "b", False), Passing(9.0, "c", False),
    ]  # fmt: skip
    assert resumed(passings) == {"b": 3.0, "c": 4.0}
