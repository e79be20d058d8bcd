"""Room on the disk of the state folder: looked at before and while a fleet runs.

The stores keep what was committed on a full disk, and try again for ever; somebody must be told.
"""

import os
from pathlib import Path

from shared.errors import BadInput

LEAST_BYTES = 16 * 1024 * 1024
"""To begin with: databases, a mirror for each agent, a work tree."""
FULL_BYTES = 1024 * 1024
"""With less than this, the next transaction may fail."""

TOO_LITTLE = (
    "{state}: only {left} are free on its disk; make room there ({least} at least), "
    "or name another folder"
)
FULL = "the disk of {state} is full ({left} free); make room there: what was committed is kept"


def check_room(state: Path) -> None:
    """BadInput where there is too little room to begin."""
    left = free_bytes(state)
    if left < LEAST_BYTES:
        words = TOO_LITTLE.format(state=state, left=_size(left), least=_size(LEAST_BYTES))
        raise BadInput(words)


def trouble(state: Path, *, left: int) -> str | None:
    """One line when `left` bytes are not enough to go on."""
    return FULL.format(state=state, left=_size(left)) if left < FULL_BYTES else None


def free_bytes(state: Path) -> int:
    """What this user may still write on the disk of a folder."""
    found = os.statvfs(state)
    return found.f_bavail * found.f_frsize


def _size(count: int) -> str:
    mebi = count / (1024 * 1024)
    return f"{mebi:.0f} MiB" if mebi >= 1 else f"{count // 1024} KiB"
