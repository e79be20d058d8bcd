"""What a change is judged by from two supervised runs of the tests: on the merge, on the base."""

from collections.abc import Iterator

from services.qa_agent.gathering import Evidence, TestEvidence
from services.qa_agent.objections import Objection, objection, shown

RED = "{test} passed on the base and fails: {why}"
WANTED = "{test} does not pass, which the issue asks for: {why}"
NO_SUCH = "no such test ran, or it was skipped"
GONE = "{test} passed on the base and no longer runs; keep it"
NO_RESULT = "the tests gave no result: {why}"
STUCK = "the tests give no result, on the base either: {why}; mend that on the base first"
NO_TESTS = "there are no tests that could say something about this change"
GREEN_BEFORE = "{test} passed on the base already, so it proves nothing about this change"
OLD_RED = "{count} red on the base already, not blamed on the change: {names}"
NO_WORDS = "no message"

EACH = 20
"""Findings of one kind at most."""


def by_tests(evidence: Evidence) -> Iterator[Objection]:
    """Newly red tests, tests of the issue that do not pass, tests that are gone, and what to note."""
    tests = evidence.tests
    report = tests.report
    if not tests.result:
        yield _without_result(tests)
        return
    for test in [each for each in report.newly_failing if each not in tests.missing][:EACH]:
        text = RED.format(test=test, why=tests.why.get(test, NO_WORDS))
        yield objection("tests", text, path=_place(test, evidence))
    for test in tests.missing[:EACH]:
        text = WANTED.format(test=test, why=tests.why.get(test, NO_SUCH))
        yield objection("criteria", text, path=_place(test, evidence))
    for test in tests.gone[:EACH]:
        yield objection("tests", GONE.format(test=test), path=_place(test, evidence))
    for test in tests.green_before[:EACH]:
        yield objection("criteria", GREEN_BEFORE.format(test=shown(test)), severity="note")
    old = [each for each in report.still_failing if each not in tests.missing]
    if old:
        text = OLD_RED.format(count=len(old), names=", ".join(old[:3]))
        yield objection("tests", text, severity="note")


def _without_result(tests: TestEvidence) -> Objection:
    report = tests.report
    if report.ok:
        return objection("tests", NO_TESTS, severity="note")
    if tests.stuck:
        return objection("tests", STUCK.format(why=report.summary), mendable=False)
    return objection("tests", NO_RESULT.format(why=report.summary))


def _place(test: str, evidence: Evidence) -> str:
    """The file of the change that a red test is about: its own, else where it was raised."""
    raised = reversed(evidence.tests.raised.get(test, ()))
    for path in (test.split("::")[0], *raised):
        if path in evidence.paths:
            return path
    return ""
