"""Findings become issues that a person would approve."""

from hypothesis import given
from hypothesis import strategies as st

from services.pm_agent.found import Found
from services.pm_agent.grouping import (
    EVIDENCE_LIMIT,
    EVIDENCE_LINES,
    NOTE_NOT,
    TITLE_LIMIT,
    evidence,
)
from shared.messages.content import Proposal
from shared.messages.ids import proposal_id
from shared.policy import Engine
from tests.pm_agent.findings import grouped, lint, red


def only(*found: Found, engine: Engine | None = None) -> Proposal:
    (candidate,) = grouped(*found, engine=engine)
    return candidate.proposal


def test_one_files_findings_are_one_issue_and_its_id_knows_tool_rules_and_path() -> None:
    proposal = only(lint("a.py", "F841", fix="unsafe"), lint("a.py", "F401"), lint("a.py", "F401"))
    assert proposal.proposal == proposal_id("7", "lint", "F401+F841", ["a.py"])
    assert proposal.title == "Mend unused imports (F401) and unused variables (F841) in `a.py`"
    assert (proposal.paths, proposal.rules) == (("a.py",), ("F401", "F841"))
    assert (proposal.priority, proposal.size, proposal.note) == ("medium", "small", "")
    assert "- F401 (2 times): they are loaded at every start" in proposal.why
    assert "Where it may alter what the code does (1)" in proposal.why
    assert proposal.criteria == (
        "`ruff check` reports no F401 in `a.py`.",
        "`ruff check` reports no F841 in `a.py`.",
        "Every test that passes now still passes.",
    )


def test_what_no_fixer_mends_is_an_issue_apart_that_says_so() -> None:
    fixable, by_hand = sorted(
        (one.proposal for one in grouped(lint("a.py", "F401"), lint("a.py", "B904", fix="none"))),
        key=lambda one: one.note,
    )
    assert (fixable.rules, by_hand.rules) == (("F401",), ("B904",))
    assert (fixable.note, by_hand.note) == ("", NOTE_NOT)


def test_a_rule_that_is_only_sometimes_mended_is_not_promised() -> None:
    proposal = only(lint("a.py", "F841", fix="unsafe"), lint("a.py", "F841", line=9, fix="none"))
    assert (len(proposal.rules), proposal.note) == (1, NOTE_NOT)


def test_one_rule_in_many_files_of_a_folder_is_one_issue() -> None:
    files = [f"pkg/{name}.py" for name in "dcba"]
    wide = only(*(lint(path, "I001") for path in files))
    assert wide.paths == tuple(sorted(files))
    assert wide.title == "Mend unsorted imports (I001) in `pkg/`"
    more = only(*(lint(path, "I001") for path in [*files, "pkg/new.py"]))
    assert (more.proposal, more.content != wide.content) == (wide.proposal, True)


def test_a_failing_test_is_urgent_and_asks_for_the_rules_that_a_fixer_mends_there() -> None:
    candidates = grouped(
        red("t/test_a.py::test_x", "pkg/a.py", "pkg/b.py"),
        red("t/test_a.py::test_y", "pkg/a.py"),
        lint("pkg/a.py", "F632"),
        lint("pkg/a.py", "B904", fix="none"),
        lint("pkg/far.py", "F401"),
    )
    (proposal,) = [one.proposal for one in candidates if one.proposal.finder == "tests"]
    assert proposal.priority == "high"
    assert proposal.tests == ("t/test_a.py::test_x", "t/test_a.py::test_y")
    assert (proposal.paths, proposal.rules) == (("pkg/a.py", "pkg/b.py"), ("F632",))
    assert "`t/test_a.py::test_x` passes." in proposal.criteria
    assert "it mends F632" in proposal.note


def test_a_failing_test_that_no_fixer_can_help_says_so() -> None:
    proposal = only(red("t/test_a.py::test_x", "pkg/a.py"))
    assert (proposal.note, proposal.rules) == (NOTE_NOT, ())


def test_an_engine_that_runs_more_than_a_fixer_gets_no_note() -> None:
    writer = Engine.model_validate({"commands": ({"run": ("my-agent", "{prompt}")},)})
    fixer = Engine.model_validate({"commands": ({"run": ("ruff", "check", "{paths}")},)})
    finding = lint("a.py", "B904", fix="none")
    assert [only(finding, engine=one).note for one in (writer, fixer)] == ["", NOTE_NOT]


RULES = st.sampled_from(["F401", "F841", "UP032", "B904", "E501"])
FINDINGS = st.lists(
    st.builds(
        lint,
        st.sampled_from(["a.py", "pkg/b.py", "pkg/c.py", "pkg/d.py", "pkg/e.py"]),
        RULES,
        line=st.integers(1, 99),
        fix=st.sampled_from(["safe", "unsafe", "none"]),
        text=st.sampled_from(["`os` imported but unused", "too long (99 > 88)"]),
    ),
    max_size=20,
)


@given(FINDINGS, st.integers(1, 500), st.randoms())
def test_line_numbers_and_order_change_neither_id_nor_content(
    found: list[Found], moved: int, dice: st.DataObject
) -> None:
    elsewhere = [
        lint(one.path, one.rule, line=(one.line or 0) + moved, fix=one.fix, text=one.text)
        for one in found
    ]
    dice.shuffle(elsewhere)  # type: ignore[attr-defined]  # a random.Random, by its strategy
    before, after = grouped(*found), grouped(*elsewhere)
    assert [(one.proposal.proposal, one.proposal.content) for one in before] == [
        (one.proposal.proposal, one.proposal.content) for one in after
    ]


@given(FINDINGS)
def test_every_finding_is_in_exactly_one_issue(found: list[Found]) -> None:
    candidates = grouped(*found)
    asked = [
        (path, rule)
        for one in candidates
        for path in one.proposal.paths
        for rule in one.proposal.rules
    ]
    assert {(one.path, one.rule) for one in found} <= set(asked)
    assert len({one.proposal.proposal for one in candidates}) == len(candidates)


def test_a_content_changes_when_the_finding_does() -> None:
    once, twice = only(lint("a.py", "F401")), only(lint("a.py", "F401"), lint("a.py", "F401"))
    assert (once.proposal == twice.proposal, once.content == twice.content) == (True, False)


def test_numbers_that_change_with_every_run_are_no_change() -> None:
    texts = (
        "<object at 0x7f01> took 1.2s, see line 8",
        "<object at 0x9abc> took 31 s, see line 12",
    )
    first, second = (only(red("test_a.py::t", "a.py", text=text)) for text in texts)
    assert first.content == second.content


def test_evidence_is_trimmed_and_says_how_much_is_missing() -> None:
    long = [lint("a.py", "F401", text="x" * 5000) for _ in range(100)]
    shown = evidence(long)
    assert len(shown) < EVIDENCE_LIMIT + 200
    assert shown.splitlines()[-1] == f"… and {100 - (len(shown.splitlines()) - 1)} more lines"
    assert len(evidence([lint("a.py", "F401")] * 500).splitlines()) == EVIDENCE_LINES + 1


def test_a_title_stays_on_one_short_line_whatever_a_file_is_called() -> None:
    proposal = only(lint("x" * 400 + "`.py", "F401"))
    assert len(proposal.title) == TITLE_LIMIT
    assert "`.py" not in proposal.title
