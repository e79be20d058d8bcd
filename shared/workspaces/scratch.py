"""Folders that runs work in: fresh for each, gone afterwards, and swept of what a crash has left.

What lies in one was written by programs that nobody trusts. It is removed without following links.
Beside each lies a note of the process that works there: what a live one owns is never swept (I-50).
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from shared.messages.work import WorkRequest
from shared.sandbox.lending import take_back
from shared.sandbox.owners import Owner, is_alive, read_owner, this_process
from shared.sandbox.reaping import end_processes_below, remove_dead_cgroups

NOTE = ".owner"


@asynccontextmanager
async def workspace(scratch: Path, request: WorkRequest) -> AsyncIterator[Path]:
    """An empty folder below `scratch` for one generation of a run; removed however the run ends."""
    folder = scratch / f"{request.run}-{request.generation}"
    await asyncio.to_thread(_renew, folder)
    try:
        yield folder
    finally:
        await asyncio.to_thread(_remove_noted, folder)


async def sweep(scratch: Path) -> None:
    """Remove whatever has no owner that lives, at a start: nothing here is this process's yet."""
    await asyncio.to_thread(_sweep, scratch, at_start=True)


async def reap(scratch: Path) -> None:
    """Remove what belongs to a process that is dead, with what it left running; at any time."""
    await asyncio.to_thread(_sweep, scratch, at_start=False)


def remove(folder: Path) -> None:
    """Remove `folder` and all below it, also what a program made unreadable; none is fine."""
    with suppress(FileNotFoundError, PermissionError):
        shutil.rmtree(folder)
    if folder.exists():
        take_back(folder)
        shutil.rmtree(folder)


def _renew(folder: Path) -> None:
    remove(folder)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _note(folder).write_text(str(this_process()))  # first: a folder without one is nobody's
    folder.mkdir(mode=0o700)


def _remove_noted(folder: Path) -> None:
    remove(folder)
    _note(folder).unlink(missing_ok=True)


def _sweep(scratch: Path, *, at_start: bool) -> None:
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_dead_cgroups()
    for folder, owner in list(_owned(scratch)):
        if owner is None or not is_alive(owner):
            end_processes_below(folder)
            _remove_noted(folder)
    alive = {folder.name for folder, _ in _owned(scratch)}
    if not at_start or alive:
        return  # without a note one cannot tell whose it is
    for left in scratch.iterdir():
        if left.is_dir() and not left.is_symlink():
            end_processes_below(left)
            remove(left)
        else:
            left.unlink()


def _owned(scratch: Path) -> Iterator[tuple[Path, Owner | None]]:
    """The folders that are noted, with their owners."""
    for note in sorted(scratch.glob(f"*{NOTE}")):
        if note.is_symlink() or not note.is_file():
            continue
        yield note.with_name(note.name.removesuffix(NOTE)), read_owner(note.read_text())


def _note(folder: Path) -> Path:
    return folder.with_name(folder.name + NOTE)
