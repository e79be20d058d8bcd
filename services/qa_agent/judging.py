"""The verdict: a pure function of what was gathered. Nothing that a model says takes part (I-29)."""

from collections.abc import Collection
from dataclasses import dataclass

from services.qa_agent.by_diff import by_diff
from services.qa_agent.by_lint import by_lint
from services.qa_agent.by_tests import by_tests
from services.qa_agent.gathering import Evidence
from services.qa_agent.objections import Objection, objection
from shared.git.changes import Diff
from shared.messages.content import Finding, Verdict

CONFLICT = "conflicts with the base at {tip}; merge it and solve the conflict"
MORE = "and {count} more of the same kinds"
FINDINGS_LIMIT = 50

_FIRST = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Judged:
    """A verdict and what it rests on, the weightiest first."""

    verdict: Verdict
    findings: tuple[Finding, ...]


def judge(evidence: Evidence) -> Judged:
    """`pass` without errors, `fail` with one that no further round can mend, else `changes`."""
    return _judged([*by_tests(evidence), *by_lint(evidence), *by_diff(evidence)])


def judge_conflict(conflicts: Collection[str], tip: str, diff: Diff) -> Judged:
    """The verdict on a head that does not merge with the base: `changes`, a finding a path."""
    text = CONFLICT.format(tip=tip[:12])
    changed = {file.path for file in diff.files}
    return _judged(
        [
            objection("conflict", text, path=path)
            if path in changed
            else objection("conflict", f"{path}: {text}")
            for path in conflicts
        ]
    )


def _judged(objections: list[Objection]) -> Judged:
    errors = [each for each in objections if each.finding.severity == "error"]
    if any(not each.mendable for each in errors):
        verdict = Verdict.FAIL
    else:
        verdict = Verdict.CHANGES if errors else Verdict.PASS
    # What cannot be mended first: where there is more than fits, it says most.
    objections.sort(key=lambda each: (_FIRST[each.finding.severity], each.mendable))
    findings = [each.finding for each in objections]
    if len(findings) > FINDINGS_LIMIT:
        more = len(findings) - (FINDINGS_LIMIT - 1)
        last = objection("size", MORE.format(count=more), severity="note")
        findings = [*findings[: FINDINGS_LIMIT - 1], last.finding]
    return Judged(verdict, tuple(findings))
