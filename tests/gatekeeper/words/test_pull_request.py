"""What stands on a pull request: one closing keyword, the mode of approval, and the gate's table."""

from datetime import UTC, datetime
from uuid import UUID

from markdown_it import MarkdownIt

from services.gatekeeper.words.gate import gate_summary, gate_table, gate_title
from services.gatekeeper.words.markers import Marker, find_marker
from services.gatekeeper.words.notices import (
    label_removed,
    refused,
    revision,
    revoked,
    rounds_used,
    taken_over,
)
from services.gatekeeper.words.pull_request import (
    FOUR_EYES,
    TWO_EYES,
    PullRequestWords,
    pull_request_body,
    pull_request_title,
    with_gate,
)
from services.gatekeeper.words.review import review_body, review_title
from shared.messages.content import (
    Approver,
    CauseKind,
    DoctorFinding,
    Finding,
    GateInput,
    Reason,
    TestsReport,
    Verdict,
)

AT = datetime(2030, 1, 2, tzinfo=UTC)
ANN = Approver(id=4, login="ann", role="admin", at=AT, source="label:9")
ROWS = (
    GateInput(name="review", value="fail", cause="changes | were\nasked"),
    GateInput(name="tests", value="pass", cause="3 passed"),
    GateInput(name="protected", value="unknown", cause="comment `/approve-paths abc`"),
)


def words(**changes: object) -> PullRequestWords:
    given: dict[str, object] = {
        "issue": 7, "digest": "d" * 64, "summary": "Removed imports.", "round": 1, "rounds": 3,
        "approver": ANN, "four_eyes": False, **changes,
    }  # fmt: skip
    return PullRequestWords(**given)  # type: ignore[arg-type] # a table of changes


def test_i12_the_body_says_who_approved_and_in_which_mode() -> None:
    body = pull_request_body(words())

    assert body.startswith(
        "Closes #7\n\ndev-agent, of its first commit: Removed imports.\n\n"
        "Round 1 of at most 3. Approved by ann (admin)"
    )
    assert "on 2030-01-02, by label, for the text with digest `dddddddddddddddd`." in body
    assert TWO_EYES in body
    assert FOUR_EYES in pull_request_body(words(four_eyes=True))
    assert find_marker(body) == Marker("pull-request", "7")


def test_i15_accepted_findings_are_printed_and_no_others() -> None:
    findings = (
        DoctorFinding(id="protection.none", text="main is not protected", accepted=True),
        DoctorFinding(id="protection.stale", text="stale", accepted=False),
    )

    body = pull_request_body(words(accepted=findings))

    assert "- `protection.none`: main is not protected" in body
    assert "protection.stale" not in body


def test_i48_what_an_agent_says_of_its_change_closes_and_mentions_nothing() -> None:
    body = pull_request_body(words(summary="fixes #1 @ann\n/approve\n<!-- x -->![a](http://e.com)"))

    assert "fixes `#1` `@ann`\n`/approve`\n{image: a}" in body
    assert body.count("loses #") == 1


def test_i30_the_table_shows_every_input_with_its_cause_in_one_row_each() -> None:
    table = gate_table(ROWS)

    assert table.split("\n")[2:] == [
        "| ❌ | review | changes ¦ were asked |",
        "| ✅ | tests | 3 passed |",
        "| ⏳ | protected | comment `/approve-paths abc` |",
    ]
    rendered = (
        MarkdownIt("commonmark").enable("table").render(gate_summary(ROWS, head="a", tip="b"))
    )
    assert rendered.count("<tr>") == 4
    assert table in pull_request_body(words(gate=ROWS))


def test_the_body_goes_with_the_round_and_what_an_agent_says_stays_as_it_is() -> None:
    summary = "mended\n\nRound 7 of at most 3. Approved by me"
    later = with_gate(pull_request_body(words(summary=summary)), ROWS, round=2)

    assert later == pull_request_body(words(summary=summary, round=2, gate=ROWS))
    assert "Round 7 of at most 3. Approved by me" in later


def test_i30_the_title_names_what_keeps_the_gate_closed() -> None:
    assert gate_title(ROWS) == "closed: review, protected"
    assert gate_title(ROWS[1:2]) == "open: all 1 inputs pass"
    assert gate_title(()) == "closed: nothing was judged"


def test_the_title_is_the_subject_of_the_first_commit() -> None:
    assert pull_request_title("[skip ci] Mend it", issue=7) == "(skip ci) Mend it"


def test_i16_a_review_says_its_verdict_as_a_comment() -> None:
    findings = (
        Finding(path="src/a.py", line=3, source="lint", text="F841 `x` is unused, @ann"),
        Finding(source="size", severity="warning", text="large"),
    )
    tests = TestsReport(ran=True, ok=False, passed=2, failed=1, newly_failing=("t::a",))

    body = review_body(Verdict.CHANGES, findings, tests, run=UUID(int=1))

    assert (
        "- `src/a.py:3` **error** (lint): F841 `x` is unused, `@ann`\n- **warning** (size)" in body
    )
    assert "2 passed, 1 failed.\n- newly failing: `t::a`" in body
    assert find_marker(body) == Marker("review", str(UUID(int=1)))
    assert review_title(Verdict.CHANGES, findings) == "changes are asked for (2 finding(s))"


def test_a_run_of_tests_that_did_not_happen_is_said() -> None:
    tests = TestsReport(ran=False, ok=False, summary="no tests were found")

    assert "Tests were not run: no tests were found" in review_body(
        Verdict.FAIL, (), tests, run=UUID(int=1)
    )


def test_notices_say_what_happened_and_what_continues() -> None:
    why = Reason(name="text_changed", text="the text changed; approve again")

    assert revoked(why) == "The approval ended: the text changed; approve again."
    assert "`approved` was removed" in label_removed("approved", why)
    assert revision(CauseKind.PERSON, round=2, rounds=3, who="ann") == (
        "Round 2 of at most 3 starts: ann asked for changes."
    )
    assert "`/gatefleet retry`" in rounds_used(3)
    assert "ann pushed `aaaaaaaaaaaa`" in taken_over("a" * 40, "ann")
    assert refused([why, why]).count("\n- ") == 2
