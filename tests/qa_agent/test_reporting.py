"""Two runs as a report: what was stopped ran, what could not start did not."""

import pytest

from services.qa_agent.reporting import NAMES_LIMIT, evidence_of
from shared.checkers import Failure, NotRun, TestRun
from shared.checkers.outcome import ENDED, Kind

GREEN = TestRun(frozenset({"a", "b"}), summary="2 passed")


@pytest.mark.parametrize("kind", sorted(ENDED))
def test_tests_that_were_stopped_ran_and_are_not_ok(kind: Kind) -> None:
    stopped = NotRun(kind, "pytest was stopped after 60 s")

    alone = evidence_of(GREEN, stopped, ())
    both = evidence_of(stopped, stopped, ())

    assert (alone.report.ran, alone.report.ok, alone.stuck) == (True, False, False)
    assert alone.report.summary == "pytest was stopped after 60 s"
    assert (both.report.ran, both.report.ok, both.stuck) == (True, False, True)


@pytest.mark.parametrize("kind", ["no_tool", "no_report", "failed", "no_tests"])
def test_tests_that_could_not_be_run_did_not_run(kind: Kind) -> None:
    evidence = evidence_of(GREEN, NotRun(kind, "why"), ())

    report = evidence.report
    assert (report.ran, report.ok, report.summary, evidence.result) == (False, False, "why", False)


def test_no_tests_on_either_side_are_fine_unless_the_issue_names_some() -> None:
    none = NotRun("no_tests", "found no tests")

    assert evidence_of(none, none, ()).report.ok
    wanted = evidence_of(none, none, ("a",))
    assert (wanted.report.ok, wanted.stuck) == (False, False)


def test_what_the_issue_names_is_compared_with_the_base() -> None:
    now = TestRun(frozenset({"a"}), failed={"c": Failure("boom", ("c.py",))})

    evidence = evidence_of(GREEN, now, ("a", "c"))

    assert (evidence.missing, evidence.green_before, evidence.gone) == (("c",), ("a",), ("b",))
    assert (evidence.why, evidence.raised) == ({"c": "boom"}, {"c": ("c.py",)})


def test_thousands_of_names_do_not_travel() -> None:
    now = TestRun(frozenset(), failed={f"t{n}": Failure("boom") for n in range(5000)})

    report = evidence_of(GREEN, now, ()).report

    assert (report.failed, len(report.newly_failing)) == (5000, NAMES_LIMIT)
