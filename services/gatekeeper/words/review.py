"""QA's review as people read it: a comment that never approves or blocks by itself."""

from collections.abc import Sequence
from uuid import UUID

from services.gatekeeper.words.markers import marker
from shared.messages.content import Finding, TestsReport, Verdict
from shared.snapshot import neutralise, one_line

SAYS = {
    Verdict.PASS: "Nothing stands against this change.",
    Verdict.CHANGES: "Changes are asked for; the fleet mends them in a further round.",
    Verdict.FAIL: "This change fails; a person must look at it.",
}
TITLES = {
    Verdict.PASS: "nothing stands against it",
    Verdict.CHANGES: "changes are asked for",
    Verdict.FAIL: "failed",
}
TESTS = "Tests on the merge with the base: {passed:,} passed, {failed:,} failed."
TESTS_NOT_RUN = "Tests were not run: {why}"
NEWLY = "newly failing"
STILL = "failing on the base already, and still"
FINDINGS_SHOWN = 50
NAMES_SHOWN = 10


def review_title(verdict: Verdict, findings: Sequence[Finding]) -> str:
    """One line for the check `gatefleet/review`."""
    return TITLES[verdict] + (f" ({len(findings)} finding(s))" if findings else "")


def review_body(
    verdict: Verdict, findings: Sequence[Finding], tests: TestsReport, *, run: UUID
) -> str:
    """The body of the review; findings on a line of the diff are shown there by `finding_text`."""
    listed = [f"- {_place(found)}{finding_text(found)}" for found in findings[:FINDINGS_SHOWN]]
    parts = [SAYS[verdict], "\n".join(listed), tests_text(tests), marker("review", run)]
    return "\n\n".join(part for part in parts if part)


def finding_text(finding: Finding) -> str:
    """One finding, neutralised, on one line."""
    return f"**{finding.severity}** ({one_line(finding.source, 40)}): {_line(finding.text)}"


def tests_text(tests: TestsReport) -> str:
    """What the supervised run of the tests showed."""
    if not tests.ran:
        return TESTS_NOT_RUN.format(why=_line(tests.summary) or "no reason was given")
    lines = [TESTS.format(passed=tests.passed, failed=tests.failed)]
    for words, names in ((NEWLY, tests.newly_failing), (STILL, tests.still_failing)):
        if names:
            shown = ", ".join(_code(name) for name in names[:NAMES_SHOWN])
            more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
            lines.append(f"- {words}: {shown}{more}")
    return "\n".join(lines)


def _place(finding: Finding) -> str:
    if not finding.path:
        return ""
    return _code(finding.path + (f":{finding.line}" if finding.line is not None else "")) + " "


def _line(text: str) -> str:
    return neutralise(" ".join(text[:500].split()))


def _code(text: str) -> str:
    return f"`{' '.join(text[:200].replace('`', chr(39)).split()) or '?'}`"
