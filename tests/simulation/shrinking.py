"""The shortest story that still fails: acts are left out for as long as it fails the same way."""

import re
from collections.abc import Callable, Sequence

from tests.simulation.acting import Act

Fails = Callable[[Sequence[Act]], str]
"""How a story fails; empty: it does not."""

_NUMBERS = re.compile(r"[0-9a-f]{7,}(?:-[0-9a-f]+)*|\d+")


def kind_of(failure: str) -> str:
    """A failure without its numbers: another issue's may be the same fault."""
    return _NUMBERS.sub("…", failure)


def shrink(acts: Sequence[Act], failure: str, fails: Fails, *, tries: int = 60) -> list[Act]:
    """Delta debugging: halves first, then smaller and smaller pieces, at most `tries` runs."""
    wanted = kind_of(failure)
    kept = list(acts)
    piece = max(1, len(kept) // 2)
    while tries > 0:
        at, before = 0, len(kept)
        while at < len(kept) and tries > 0:
            shorter = kept[:at] + kept[at + piece :]
            tries -= 1
            if kind_of(fails(shorter)) == wanted:
                kept = shorter
            else:
                at += piece
        if piece == 1 and len(kept) == before:
            return kept
        piece = max(1, piece // 2)
    return kept
