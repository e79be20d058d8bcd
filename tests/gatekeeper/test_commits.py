"""I-47: what our commits say, and nothing in it that a CI or a forge would obey."""

import re
import unicodedata
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gatekeeper.commits import Origin, branch_name, commit_message, subject
from shared.git.commits import trailers

ORIGIN = Origin(UUID(int=1), UUID(int=2), "d" * 64, 7)
PIECES = st.sampled_from(
    ["[skip ci]", "[ci skip]", "[skip [skip ci]ci]", "***NO_CI***", "fixes #1", "GH-2", "@ann", "\n",
     "https://e.com/o/r/issues/1", "octo/r#3", "Signed-off-by: x", "<b>", "é", " ", "!", "#", "1",
     "\x1b[1m"]
)  # fmt: skip
TITLES = st.lists(PIECES | st.text(max_size=5), max_size=15).map("".join)


@given(TITLES, st.integers(1, 12))
def test_i47_a_title_becomes_a_subject_that_does_nothing(title: str, round: int) -> None:
    message = commit_message(title, ORIGIN, round=round)
    first, blank, *rest = message.split("\n")

    assert 0 < len(first) <= 72
    assert not {unicodedata.category(c) for c in first} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert blank == ""
    assert len(rest) == 5
    assert re.search(r"[\[\]@]|#\d|(?i:\bgh-\d)|://|\*\*", first) is None
    assert trailers(message) == {
        "Gatefleet-Run": str(ORIGIN.run),
        "Gatefleet-Approval": str(ORIGIN.approval),
        "Gatefleet-Digest": ORIGIN.digest,
        "Gatefleet-Issue": "7",
    }


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Remove unused imports in src/a.py", "Remove unused imports in src/a.py"),
        ("[skip ci] fixes #1 @everyone", "(skip ci) fixes no. 1 (at)everyone"),
        ("", "Change for issue 7"),
        ("\x00\u202e", "Change for issue 7"),
        ("x" * 80, "x" * 71 + "…"),
        ("Mend " + "long words " * 9, "Mend " + "long words " * 5 + "long words…"),
        (
            "Mend what the linter found, all of it, in `src/a parser/reading of it all.py`",
            "Mend what the linter found, all of it, in…",
        ),
        ("List<int> is slow", "List<int> is slow"),
    ],
)
def test_i47_examples_of_subjects(title: str, line: str) -> None:
    assert subject(title, issue=7) == line


def test_rounds_and_merges_name_themselves() -> None:
    assert commit_message("Mend it", ORIGIN, round=2).startswith("Mend it (round 2)\n\n")
    assert commit_message("x" * 80, ORIGIN, round=12).split("\n")[0].endswith(" (round 12)")
    long = commit_message("Mend what was found " + "in `src/parser.py` " * 4, ORIGIN, round=2)
    assert long.startswith(
        "Mend what was found in `src/parser.py` in `src/parser.py` in… (round 2)\n\n"
    )
    assert commit_message("Mend it", ORIGIN, round=2, merge=True).startswith("Merge the moved base")


def test_i17_the_branch_is_named_by_issue_and_approval() -> None:
    approval = UUID("01234567-89ab-cdef-0123-456789abcdef")

    assert branch_name(7, approval) == "gatefleet/issue-7/0123456789ab"
