"""The verdict as a table: evidence in, verdict and findings out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.qa_agent.gathering import Evidence, LintEvidence, Suppression, TestEvidence
from services.qa_agent.judging import FINDINGS_LIMIT, judge, judge_conflict
from services.qa_agent.objections import TEXT_LIMIT
from shared.checkers import Lint, LintFinding, NotRun
from shared.git.changes import ChangedFile, Diff
from shared.messages.content import Brief, TestsReport, Verdict
from shared.policy import parse
from tests.qa_agent.reviews import said

BROKEN = NotRun("failed", "ruff could not check: no such rule")


def diff(*paths: str, lines: int = 10) -> Diff:
    files = tuple(
        ChangedFile(path, "100644", "100644", "1" * 40, "2" * 40, 1, 1, False, 9) for path in paths
    )
    return Diff(files, lines)


def green(**more: Any) -> TestEvidence:
    return TestEvidence(TestsReport(ran=True, ok=True, passed=3, summary="3 passed"), **more)


def red(summary: str = "", **more: Any) -> TestEvidence:
    known = {name: more.pop(name) for name in ("newly_failing", "still_failing") if name in more}
    report = TestsReport(ran=True, ok=False, passed=2, failed=1, summary=summary, **known)
    return TestEvidence(report, **more)


def lint(
    now: Sequence[LintFinding] | NotRun = (),
    before: Sequence[LintFinding] | NotRun = (),
    *,
    moved: Sequence[str] = (),
    silenced: Sequence[Suppression] = (),
) -> LintEvidence:
    sides = [each if isinstance(each, NotRun) else Lint(tuple(each)) for each in (before, now)]
    return LintEvidence(sides[0], sides[1], frozenset(moved), tuple(silenced))


GOOD = Evidence(
    diff=diff("app.py"),
    policy=parse(""),
    brief=Brief(),
    tests=green(),
    lint=lint(),
    as_head=frozenset({"app.py"}),
)
F401 = LintFinding("app.py", 3, "F401", "`os` imported but unused")
OLD = LintFinding("app.py", 1, "F401", "`os` imported but unused")
E501 = LintFinding("lib.py", 9, "E501", "Line too long")
RULES = Brief(rules=("F401",))

TABLE: dict[str, tuple[Evidence, Verdict, list[str]]] = {
    "nothing to say": (GOOD, Verdict.PASS, []),
    "a test that the change broke": (
        replace(
            GOOD,
            tests=red(
                newly_failing=("tests/test_a.py::test_x",),
                why={"tests/test_a.py::test_x": "assert 1 == 2"},
                raised={"tests/test_a.py::test_x": ("tests/test_a.py", "app.py", "lib.py")},
            ),
        ),
        Verdict.CHANGES,
        ["error tests app.py: tests/test_a.py::test_x passed on the base and fails: assert 1 == 2"],
    ),
    "tests that were red before anything": (
        replace(
            GOOD,
            tests=TestEvidence(
                TestsReport(ran=True, ok=True, passed=1, failed=1, still_failing=("a::old",))
            ),
        ),
        Verdict.PASS,
        ["note tests: 1 red on the base already, not blamed on the change: a::old"],
    ),
    "a test of the issue that does not pass": (
        replace(GOOD, tests=red(missing=("a::b",), still_failing=("a::b",))),
        Verdict.CHANGES,
        [
            "error criteria: a::b does not pass, which the issue asks for: "
            "no such test ran, or it was skipped"
        ],
    ),
    "a test of the issue that proves nothing": (
        replace(GOOD, tests=green(green_before=("a::b",))),
        Verdict.PASS,
        ["note criteria: a::b passed on the base already, so it proves nothing about this change"],
    ),
    "a test that is gone": (
        replace(GOOD, tests=green(gone=("a::b",))),
        Verdict.CHANGES,
        ["error tests: a::b passed on the base and no longer runs; keep it"],
    ),
    "all tests skipped": (
        replace(GOOD, tests=TestEvidence(TestsReport(ran=True, ok=True), gone=("app.py::test_a",))),
        Verdict.CHANGES,
        ["error tests app.py: app.py::test_a passed on the base and no longer runs; keep it"],
    ),
    "tests that give no result": (
        replace(
            GOOD, tests=TestEvidence(TestsReport(ran=True, ok=False, summary="hung"), result=False)
        ),
        Verdict.CHANGES,
        ["error tests: the tests gave no result: hung"],
    ),
    "tests that give none on the base either": (
        replace(
            GOOD,
            tests=TestEvidence(
                TestsReport(ran=False, ok=False, summary="no pytest"), result=False, stuck=True
            ),
        ),
        Verdict.FAIL,
        [
            "error tests: the tests give no result, on the base either: no pytest; "
            "mend that on the base first"
        ],
    ),
    "no tests at all": (
        replace(GOOD, tests=TestEvidence(TestsReport(ran=False, ok=True), result=False)),
        Verdict.PASS,
        ["note tests: there are no tests that could say something about this change"],
    ),
    "a rule of the issue that is still reported": (
        replace(GOOD, brief=RULES, lint=lint([F401], [OLD])),
        Verdict.CHANGES,
        [
            "error criteria app.py:3: F401 is still reported, which the issue asks to mend: "
            "`os` imported but unused"
        ],
    ),
    "a rule of the issue that is reported elsewhere": (
        replace(GOOD, brief=Brief(rules=("F",), paths=("app.py",)), lint=lint([E501], [E501])),
        Verdict.PASS,
        [],
    ),
    "a rule of the issue in a file that the change leaves alone": (
        replace(GOOD, brief=Brief(rules=("E5",)), lint=lint([E501], [E501])),
        Verdict.CHANGES,
        [
            "error criteria: lib.py:9: E501 is still reported, which the issue asks to mend: "
            "Line too long"
        ],
    ),
    "an old finding on another line": (replace(GOOD, lint=lint([F401], [OLD])), Verdict.PASS, []),
    "a new finding": (
        replace(GOOD, lint=lint([OLD, F401], [OLD])),
        Verdict.CHANGES,
        ["error lint app.py:3: new since the base: F401 `os` imported but unused"],
    ),
    "a new finding on a line that is not the head's": (
        replace(GOOD, lint=lint([F401]), as_head=frozenset()),
        Verdict.CHANGES,
        ["error lint app.py: new since the base: F401 `os` imported but unused"],
    ),
    "a new finding where the policy does not ask": (
        replace(GOOD, lint=lint([F401]), policy=parse("review: {lint: false}")),
        Verdict.PASS,
        [],
    ),
    "a finding that moved with its file": (
        replace(
            GOOD, lint=lint([F401], [replace(OLD, path="gone.py")], moved=("app.py", "gone.py"))
        ),
        Verdict.PASS,
        [],
    ),
    "a comment in place of a mend": (
        replace(GOOD, brief=RULES, lint=lint(silenced=[Suppression("app.py", 4, ())])),
        Verdict.CHANGES,
        [
            "error criteria app.py:4: a comment that makes the linter look away is no mend for "
            "F401; mend the cause"
        ],
    ),
    "a comment about something else": (
        replace(GOOD, brief=RULES, lint=lint(silenced=[Suppression("app.py", 4, ("S101",))])),
        Verdict.PASS,
        ["note lint app.py:4: a new comment makes the linter look away (S101)"],
    ),
    "a linter that cannot be run": (
        replace(GOOD, lint=lint(BROKEN, BROKEN)),
        Verdict.PASS,
        [
            "note lint: the linter was not asked, it cannot be run on the base either: "
            "ruff could not check: no such rule"
        ],
    ),
    "a linter that cannot be run on the change": (
        replace(GOOD, lint=lint(BROKEN)),
        Verdict.CHANGES,
        [
            "error lint: the linter could not be run on the change: "
            "ruff could not check: no such rule"
        ],
    ),
    "a linter that cannot prove what the issue asks": (
        replace(GOOD, brief=RULES, lint=lint(BROKEN, BROKEN)),
        Verdict.FAIL,
        [
            "error criteria: the linter could not be run, and the issue asks for its findings: "
            "ruff could not check: no such rule"
        ],
    ),
    "a large change": (
        replace(GOOD, diff=diff("app.py", lines=401)),
        Verdict.PASS,
        ["warning size: 401 changed lines: more than the 400 that one reads with ease"],
    ),
    "a change that is too large": (
        replace(GOOD, diff=diff("app.py", lines=1501)),
        Verdict.FAIL,
        ["error size: 1,501 changed lines are over the limit of 1,500; split the work"],
    ),
    "too many files": (
        replace(GOOD, diff=diff("app.py", "b.py"), policy=parse("size: {files: 1}")),
        Verdict.FAIL,
        ["error size: 2 changed files are over the limit of 1; split the work"],
    ),
    "no change": (
        replace(GOOD, diff=diff()),
        Verdict.FAIL,
        ["error size: the pull request changes nothing that the base does not have"],
    ),
    "outside of the policy's scope": (
        replace(GOOD, policy=parse("scope: {allow: ['src/**']}")),
        Verdict.CHANGES,
        ["error scope app.py: outside of what the policy's `scope` allows; leave it as it is"],
    ),
    "outside of the issue": (
        replace(GOOD, brief=Brief(paths=("lib.py",))),
        Verdict.CHANGES,
        ["error scope app.py: outside of the paths that the issue names; leave it as it is"],
    ),
    "a protected path": (
        replace(GOOD, diff=diff("app.py", "pyproject.toml")),
        Verdict.PASS,
        [
            "note protected pyproject.toml: a protected path: a person must comment "
            "`/approve-paths <head>` before it is merged"
        ],
    ),
    "what cannot be mended comes first and decides": (
        replace(GOOD, diff=diff("app.py", lines=1501), lint=lint([F401])),
        Verdict.FAIL,
        [
            "error size: 1,501 changed lines are over the limit of 1,500; split the work",
            "error lint app.py:3: new since the base: F401 `os` imported but unused",
        ],
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_a_verdict(case: str) -> None:
    evidence, verdict, findings = TABLE[case]

    judged = judge(evidence)

    assert (judged.verdict, [said(each) for each in judged.findings]) == (verdict, findings)


def test_findings_are_few_short_and_on_one_line() -> None:
    long = LintFinding("app.py", 1, "X1", "a\nb" + "x" * 2 * TEXT_LIMIT)
    many = [replace(long, line=number, message=f"{number} {long.message}") for number in range(99)]

    judged = judge(replace(GOOD, lint=lint(many)))

    assert len(judged.findings) == FINDINGS_LIMIT
    assert judged.findings[-1].text == "and 50 more of the same kinds"
    assert {len(each.text) for each in judged.findings[:-1]} == {TEXT_LIMIT}
    assert not [each for each in judged.findings if "\n" in each.text]


def test_a_name_that_no_message_could_carry_is_spelt_out() -> None:
    judged = judge(replace(GOOD, diff=diff("\udcff.py"), brief=Brief(paths=("a.py",))))

    (finding,) = judged.findings
    assert (finding.path, finding.text[:8]) == ("", "\\udcff.p")
    assert finding.model_dump_json()


def test_a_conflict_asks_for_changes_at_each_path() -> None:
    judged = judge_conflict(("app.py", "beside.py"), "a" * 40, diff("app.py"))

    words = "conflicts with the base at aaaaaaaaaaaa; merge it and solve the conflict"
    assert (judged.verdict, [said(each) for each in judged.findings]) == (
        Verdict.CHANGES,
        [f"error conflict app.py: {words}", f"error conflict: beside.py: {words}"],
    )
