"""Closing words."""

import pytest

from services.local_forge.domain.hunks import shows
from services.local_forge.domain.keywords import closes


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        (None, ()),
        ("Closes #7", (7,)),
        ("closed: #7\nFIXES #8, resolves octo/hello#9", (7, 8, 9)),
        ("Closes #7. Closes #7", (7,)),
        ("Closes other/repo#7", ()),
        ("encloses #7, closes#7, see #7", ()),
        ("Close issue #7", ()),
    ],
)
def test_closing_words_name_issues_of_this_repository(
    body: str | None, numbers: tuple[int, ...]
) -> None:
    assert closes(body, repo="octo/hello") == numbers


def test_a_line_is_shown_if_a_hunk_spans_it() -> None:
    patch = "@@ -2,3 +2,4 @@ def f():\n a\n+b\n c\n d\n@@ -20 +21 @@\n-x\n+y"

    assert [line for line in range(1, 25) if shows(patch, line=line, side="RIGHT")] == [
        2,
        3,
        4,
        5,
        21,
    ]
    assert [line for line in range(1, 25) if shows(patch, line=line, side="LEFT")] == [2, 3, 4, 20]
    assert not shows(None, line=1, side="RIGHT")
