"""A change's tests beside the base's."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.checkers import Failure, NotRun, TestRun, compare, vanished

NO_TESTS = NotRun("no_tests", "pytest found no tests")
SLOW = NotRun("timed_out", "pytest was stopped after 60 s")


def run(passed: str = "", failed: str = "", errors: str = "", skipped: str = "") -> TestRun:
    why = Failure("why")
    return TestRun(
        frozenset(passed.split()),
        dict.fromkeys(failed.split(), why),
        dict.fromkeys(errors.split(), why),
        frozenset(skipped.split()),
        summary="ran",
    )


@pytest.mark.parametrize(
    ("base", "now", "expected", "ok", "said"),
    [
        (run("a"), run("a"), "", True, "ran"),
        (run("a"), run("", "a"), "", False, "1 newly red: a"),
        (run("a"), run("a", "new"), "", False, "1 newly red: new"),
        (run("a"), run("", "", "a"), "", False, "1 newly red: a"),
        (run("a", "b"), run("a", "b"), "", True, "1 red on the base already, not blamed"),
        (run("a", "b"), run("a b"), "b", True, "1 mended"),
        (run("a", "b"), run("a", "b"), "b", False, "the issue asks for b to pass, and it does not"),
        (run("a"), run("a"), "gone", False, "the issue asks for gone"),
        (run("", "", "t"), run("t::a", "t::b"), "", True, "1 red on the base already"),
        (run("", "", "t"), run("t::a", "t::b"), "t::b", False, "the issue asks for t::b"),
        (run("a b"), run("a b"), "b", True, "b passed on the base already"),
        (run("a b"), run("a", skipped="b"), "", True, "1 that passed on the base no longer run: b"),
        (run("a b"), run("a"), "b", False, "the issue asks for b"),
        (NO_TESTS, run("a"), "", True, "ran"),
        (NO_TESTS, run("", "a"), "", False, "1 newly red: a"),
        (SLOW, run("a", "b"), "", False, "so nothing red can be called old"),
        (SLOW, run("a"), "", True, "ran"),
    ],
)
def test_only_what_the_change_did_is_its_fault(
    base: TestRun | NotRun, now: TestRun, expected: str, ok: bool, said: str
) -> None:
    report = compare(base, now, expected.split())
    assert (report.ran, report.ok) == (True, ok)
    assert said in report.summary


@pytest.mark.parametrize(
    ("base", "now", "expected", "ok"),
    [
        (NO_TESTS, NO_TESTS, (), True),
        (NO_TESTS, NO_TESTS, ("a",), False),
        (run("a"), NO_TESTS, (), False),
        (run("a"), SLOW, (), False),
        (SLOW, SLOW, (), False),
        (NO_TESTS, SLOW, (), False),
    ],
)
def test_i30_what_could_not_be_run_is_not_ok(
    base: TestRun | NotRun, now: NotRun, expected: tuple[str, ...], ok: bool
) -> None:
    report = compare(base, now, expected)
    assert (report.ran, report.ok) == (now is SLOW, ok)  # what was stopped did run
    assert now.why in report.summary


def test_a_file_that_is_red_as_a_whole_hides_no_vanished_test_of_another() -> None:
    before, after = run("t.py::a t.py::b u.py::c"), run("", "", "t.py")
    assert vanished(before, after) == ("u.py::c",)
    assert compare(before, after).newly_failing == ("t.py",)


def test_long_lists_are_counted_in_the_summary_and_whole_in_the_report() -> None:
    report = compare(run("a b c d e"), run("", "a b c d e"))
    assert "5 newly red: a, b, c and 2 more" in report.summary
    assert report.newly_failing == ("a", "b", "c", "d", "e")


OUTCOMES = st.dictionaries(
    st.sampled_from("abcdef"), st.sampled_from(["passed", "failed", "errors", "skipped"])
)


def _run(outcomes: dict[str, str]) -> TestRun:
    def having(outcome: str) -> Iterable[str]:
        return (name for name, had in outcomes.items() if had == outcome)

    return run(*(" ".join(having(one)) for one in ("passed", "failed", "errors", "skipped")))


@given(OUTCOMES, OUTCOMES, st.sets(st.sampled_from("abcdefg")))
def test_a_report_is_ok_only_if_nothing_new_is_red_and_what_is_wanted_passes(
    before: dict[str, str], after: dict[str, str], expected: set[str]
) -> None:
    base, now = _run(before), _run(after)
    report = compare(base, now, expected)
    assert set(report.newly_failing) | set(report.still_failing) == set(now.red)
    assert set(report.newly_failing).isdisjoint(base.red)
    assert not report.ok or (now.red.keys() <= base.red.keys() and expected <= now.passed)
    assert compare(now, now).newly_failing == ()
