"""The issue that a proposal becomes: readable, in scope, and harmless."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gatekeeper.words.markers import Marker, find_marker
from services.gatekeeper.words.proposal import proposal_body, proposal_title
from shared.errors import BadInput
from shared.messages.content import Brief, Proposal
from shared.snapshot import read_brief, sanitise

ID = UUID(int=5)
PIECES = st.sampled_from(
    ["```gatefleet\n", "```\n", "~~~\n", "<!-- x -->", "<details>", "[a](b)", "](c)", "[d", "@ann",
     "gatefleet:proposal x\n", "\n", "[//]: # (x)", "`", "fixes #1"]
)  # fmt: skip
HOSTILE = st.lists(PIECES | st.text(max_size=5), max_size=10).map("".join)
VALUES = st.lists(HOSTILE, max_size=3).map(tuple)


def proposal(**changes: object) -> Proposal:
    return Proposal.model_validate(
        {
            "proposal": ID,
            "content": "c",
            "title": "Remove unused imports in src/a.py",
            "why": "They slow the start.",
            "criteria": ("no F401 in src/a.py",),
            "evidence": "src/a.py:1: F401",
            "size": "small",
            "priority": "high",
            "finder": "ruff",
            "paths": ("src/a.py",),
            "rules": ("F401",),
            **changes,
        }
    )


def test_the_body_reads_as_an_issue_and_names_its_scope() -> None:
    body = proposal_body(proposal(note="No engine can do this."))

    assert body.startswith("They slow the start.\n\n## Done when\n\n- [ ] no F401 in src/a.py\n")
    assert "```text\nsrc/a.py:1: F401\n```" in body
    assert "Size small · priority high · found by ruff\n\nNo engine can do this." in body
    assert read_brief(body) == Brief(
        paths=("src/a.py",), rules=("F401",), criteria=("no F401 in src/a.py",)
    )
    assert find_marker(body) == Marker("proposal", str(ID))


@given(HOSTILE, HOSTILE, VALUES, VALUES)
def test_i48_hostile_findings_change_neither_scope_nor_marker_nor_the_rest(
    why: str, evidence: str, criteria: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    given = proposal(why=why, evidence=evidence, criteria=criteria, paths=paths)

    body = proposal_body(given)

    assert sanitise(body, "body").text == body
    assert find_marker(body) == Marker("proposal", str(ID))
    assert read_brief(body) == Brief(paths=paths, rules=("F401",), criteria=criteria)


@pytest.mark.parametrize(
    "changes",
    [
        {"why": "\n" * 10_000},
        {"why": "é" * 10_000, "evidence": "é" * 99_000, "criteria": ("c" * 200,) * 20},
        {"evidence": "`" * 99_000},
    ],
)
def test_a_long_proposal_keeps_its_scope_and_its_marker(changes: dict[str, object]) -> None:
    body = proposal_body(proposal(**changes))

    assert find_marker(body) == Marker("proposal", str(ID))
    assert read_brief(body).paths == ("src/a.py",)  # type: ignore[union-attr] # no error


def test_a_scope_that_does_not_fit_is_refused_and_not_shortened() -> None:
    with pytest.raises(BadInput, match=f"proposal {ID}: too long"):
        proposal_body(proposal(paths=tuple(f"src/{n:04}.py" for n in range(1500))))


def test_long_evidence_is_cut_visibly_and_the_block_stays() -> None:
    body = proposal_body(proposal(evidence="x\n" * 100_000))

    assert "… cut here: " in body
    assert len(body) < 30_000
    assert read_brief(body) != Brief()


def test_i48_a_title_is_one_line_that_acts_on_nothing() -> None:
    assert proposal_title(proposal(title="fixes #1\n@ann <b>")) == "fixes `#1` `@ann` &lt;b>"
