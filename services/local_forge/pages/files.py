"""Changed files as a page shows them: their lines, and the findings beside them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from services.local_forge.git.facts import FileChange
from services.local_forge.pages.diff import Line, diff_lines
from services.local_forge.tables import ReviewComment

UNFOLDED_LINES = 6000
"""So many lines of all files together stand open; what comes after is a click away."""

FOLD_FILE_LINES = 1500
BINARY_OR_LARGE = "No text to show: the file is binary, or its change is too large"
ONLY_RENAMED = "Renamed without changes"
ONLY_MODE = "Empty, or only its mode changed"


@dataclass(frozen=True)
class ShownFile:
    """One file: `loose` are findings of earlier heads, or on lines that the diff does not show."""

    change: FileChange
    lines: Sequence[Line]
    findings: dict[tuple[str, int], list[ReviewComment]]
    loose: Sequence[ReviewComment]
    unfolded: bool

    @property
    def anchor(self) -> str:
        """The fragment that the file is found under."""
        return anchor_of(self.change.filename)

    @property
    def why_empty(self) -> str:
        """What stands where there are no lines."""
        if self.change.changes == 0 and self.change.status == "renamed":
            return ONLY_RENAMED
        return ONLY_MODE if _is_empty(self.change) else BINARY_OR_LARGE

    def at(self, line: Line) -> Sequence[ReviewComment]:
        """The findings on this line, of both sides."""
        right = self.findings.get(("RIGHT", line.new), []) if line.new else []
        left = self.findings.get(("LEFT", line.old), []) if line.old else []
        return [*left, *right]


_EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def _is_empty(change: FileChange) -> bool:
    return change.changes == 0 and (change.sha == _EMPTY_BLOB or change.status == "modified")


def anchor_of(filename: str) -> str:
    """A fragment for a file, whatever characters its name has."""
    return f"diff-{hashlib.sha256(filename.encode()).hexdigest()[:16]}"


def shown_files(
    changes: Sequence[FileChange], comments: Sequence[ReviewComment], *, head: str
) -> list[ShownFile]:
    """Every changed file with its lines and the findings on `head`, in the order given."""
    shown: list[ShownFile] = []
    left = UNFOLDED_LINES
    for change in changes:
        lines = diff_lines(change.patch) if change.patch else []
        mine = [comment for comment in comments if comment.path == change.filename]
        there = {("RIGHT", line.new) for line in lines} | {("LEFT", line.old) for line in lines}
        findings: dict[tuple[str, int], list[ReviewComment]] = {}
        loose: list[ReviewComment] = []
        for comment in mine:
            at_head = comment.commit_id == head and comment.line is not None
            if at_head and (comment.side, comment.line) in there:
                assert comment.line is not None
                findings.setdefault((comment.side, comment.line), []).append(comment)
            else:
                loose.append(comment)
        unfolded = bool(mine) or len(lines) <= min(left, FOLD_FILE_LINES)
        left -= len(lines) if unfolded else 0
        shown.append(ShownFile(change, lines, findings, loose, unfolded))
    return shown
