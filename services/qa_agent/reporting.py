"""Two runs of the tests as a report that travels, and what else a verdict needs of them."""

from collections.abc import Sequence

from services.qa_agent.gathering import TestEvidence
from shared.checkers import NotRun, TestRun, compare, vanished
from shared.messages.content import TestsReport

NAMES_LIMIT = 200
SUMMARY_LIMIT = 2000


def evidence_of(
    base: TestRun | NotRun, now: TestRun | NotRun, expected: Sequence[str]
) -> TestEvidence:
    """The run on the merge (`now`) beside the one on the base; `expected`: the issue's tests."""
    report = compare(base, now, expected)
    if isinstance(now, NotRun):
        stuck = isinstance(base, NotRun) and base.kind == now.kind and now.kind != "no_tests"
        return TestEvidence(bounded(report), result=False, stuck=stuck)
    green = base.passed if isinstance(base, TestRun) else frozenset()
    return TestEvidence(
        bounded(report),
        missing=tuple(test for test in dict.fromkeys(expected) if test not in now.passed),
        green_before=tuple(test for test in dict.fromkeys(expected) if test in green),
        gone=vanished(base, now),
        why={test: failure.message for test, failure in now.red.items()},
        raised={test: failure.paths for test, failure in now.red.items()},
    )


def bounded(report: TestsReport) -> TestsReport:
    """The same report with at most 200 names in each list: thousands would fit no message."""
    lists = ("newly_failing", "newly_passing", "still_failing")
    cut = {name: getattr(report, name)[:NAMES_LIMIT] for name in lists}
    return report.model_copy(update={**cut, "summary": report.summary[:SUMMARY_LIMIT]})


def not_run(why: str) -> TestsReport:
    """The report of tests that were not even tried."""
    return TestsReport(ran=False, ok=False, summary=why)
