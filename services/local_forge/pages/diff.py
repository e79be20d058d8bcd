"""A patch (hunks only) as numbered lines for a page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")

Kind = Literal["hunk", "same", "added", "removed", "note"]


@dataclass(frozen=True)
class Line:
    """One line of a diff; `old` and `new` are its numbers on either side, where it has them."""

    kind: Kind
    text: str
    old: int | None = None
    new: int | None = None


def diff_lines(patch: str) -> Sequence[Line]:
    """The lines of `patch`, in order. Only a newline ends a line: a form feed is text."""
    lines: list[Line] = []
    old = new = 0
    for text in patch.split("\n"):
        hunk = _HUNK.match(text)
        if hunk:
            old, new = int(hunk[1]), int(hunk[2])
            lines.append(Line("hunk", text))
        elif text.startswith("+"):
            lines.append(Line("added", text[1:], None, new))
            new += 1
        elif text.startswith("-"):
            lines.append(Line("removed", text[1:], old, None))
            old += 1
        elif text.startswith("\\"):
            lines.append(Line("note", text[2:]))
        else:
            lines.append(Line("same", text[1:], old, new))
            old, new = old + 1, new + 1
    return lines
