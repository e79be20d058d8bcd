"""What a sandbox leaves where it was killed together with its keeper: processes, control groups.

In every other case the keeper, or the kernel with it, has ended them already.
"""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from shared.sandbox.cgroups import find_cgroups
from shared.sandbox.owners import owner_of

_TRIES = 500
_TRY_S = 0.01
_LEAST = (1, 1)
"""Limits that nobody is held to: only where groups would be made is asked."""


def end_processes_below(folder: Path) -> int:
    """Kill every process that works below `folder`, or has its home there, until none is left;
    returns how many there were. Only for a folder whose owner is dead."""
    ended: set[int] = set()
    for _ in range(_TRIES):
        found = set(_working_below(os.path.realpath(folder)))
        if not found:
            break
        ended |= found
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        select.select([], [], [], _TRY_S)
    return len(ended)


def remove_dead_cgroups() -> int:
    """Remove the control groups of keepers that are gone, with whoever is left in them; returns how
    many. Those of keepers that live are not touched, whoever they belong to."""
    removed = 0
    for group in find_cgroups(*_LEAST):
        root, _, name = group.folder.rpartition("/")
        family = name.partition("{pid}")[0]
        for folder in sorted(Path(root).glob(f"{family}*")):
            keeper = folder.name.removeprefix(family)
            if keeper.isdecimal() and owner_of(int(keeper)) is None and _empty(folder):
                with suppress(OSError):
                    folder.rmdir()
                    removed += 1
    return removed


def _empty(folder: Path) -> bool:
    for _ in range(_TRIES):
        with suppress(OSError):
            members = (folder / "cgroup.procs").read_text().split()
            if not members:
                return True
            for pid in members:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(int(pid), signal.SIGKILL)
        select.select([], [], [], _TRY_S)
    return False


def _working_below(folder: str) -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            if _is_below(os.readlink(entry / "cwd").removesuffix(" (deleted)"), folder):
                yield int(entry.name)
                continue
            for pair in (entry / "environ").read_bytes().split(b"\0"):
                name, _, value = pair.partition(b"=")
                if name == b"HOME" and _is_below(os.fsdecode(value), folder):
                    yield int(entry.name)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
