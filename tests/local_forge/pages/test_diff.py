"""Numbered lines of a patch."""

from services.local_forge.pages.diff import Line, diff_lines


def test_lines_are_numbered_on_their_side() -> None:
    patch = "@@ -3,3 +4,3 @@ def f():\n same\n-old\n+new\n-\n+\x0c\n\\ No newline at end of file"
    assert diff_lines(patch) == [
        Line("hunk", "@@ -3,3 +4,3 @@ def f():"),
        Line("same", "same", 3, 4),
        Line("removed", "old", 4, None),
        Line("added", "new", None, 5),
        Line("removed", "", 5, None),
        Line("added", "\x0c", None, 6),
        Line("note", "No newline at end of file"),
    ]


def test_each_hunk_starts_its_own_count() -> None:
    lines = diff_lines("@@ -1 +1 @@\n-a\n+b\n@@ -10 +20,0 @@\n-c")
    assert lines[-1] == Line("removed", "c", 10, None)
