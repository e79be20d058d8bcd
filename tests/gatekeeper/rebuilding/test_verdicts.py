"""A review of ours, read back from the text that it left on the forge."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.gatekeeper.rebuilding.verdicts import findings_in
from services.gatekeeper.words.review import finding_text, review_body
from shared.messages.content import Finding, TestsReport, Verdict

RUN = UUID(int=5)
RAN = TestsReport(ran=True, ok=False, passed=2, failed=1)

words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=40)
findings = st.builds(
    Finding,
    path=st.sampled_from(["", "src/a.py", "docs/read me.md", "a:b.py"]),
    line=st.one_of(st.none(), st.integers(1, 9999)),
    severity=st.sampled_from(["error", "warning", "note"]),
    source=st.sampled_from(["lint", "tests", "scope"]),
    text=words,
)


@given(st.lists(findings, max_size=5))
def test_i22_every_finding_is_read_back_where_it_was_and_as_people_read_it(
    said: list[Finding],
) -> None:
    found = findings_in(review_body(Verdict.CHANGES, said, RAN, run=RUN))

    assert [finding_text(each) for each in found] == [
        finding_text(each.model_copy(update={"text": _shown(each)})) for each in said
    ]
    assert [(each.path, each.severity, each.source) for each in found] == [
        (each.path, each.severity, each.source) for each in said
    ]
    assert [each.line for each in found] == [each.line if each.path else None for each in said]


def _shown(finding: Finding) -> str:
    return finding_text(finding).partition("): ")[2]


def test_a_body_without_findings_has_none() -> None:
    assert findings_in(review_body(Verdict.PASS, [], RAN, run=RUN)) == ()
    assert findings_in("- **loud** (lint): no severity of ours\n") == ()
