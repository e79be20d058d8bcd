"""Which lines of a file a patch shows: only there can a review comment stand."""

import re
from typing import Literal

Side = Literal["LEFT", "RIGHT"]

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def shows(patch: str | None, *, line: int, side: Side) -> bool:
    """Is that line (counted from 1, in the old file for LEFT) inside one of the patch's hunks?"""
    for found in _HUNK.finditer(patch or ""):
        first, count = (1, 2) if side == "LEFT" else (3, 4)
        start, length = int(found[first]), int(found[count] or 1)
        if start <= line < start + length:
            return True
    return False
