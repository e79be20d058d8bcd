"""Folders that runs work in: fresh for each, gone afterwards, swept at start.

What lies in one was written by programs that nobody trusts. It is removed without following links.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from shared.messages.work import WorkRequest
from shared.sandbox.lending import take_back


@asynccontextmanager
async def workspace(scratch: Path, request: WorkRequest) -> AsyncIterator[Path]:
    """An empty folder below `scratch` for one generation of a run; removed however the run ends."""
    folder = scratch / f"{request.run}-{request.generation}"
    await asyncio.to_thread(_renew, folder)
    try:
        yield folder
    finally:
        await asyncio.to_thread(remove, folder)


async def sweep(scratch: Path) -> None:
    """Remove what runs of an earlier life left. `scratch` belongs to one instance alone."""
    await asyncio.to_thread(_sweep, scratch)


def remove(folder: Path) -> None:
    """Remove `folder` and all below it, also what a program made unreadable; none is fine."""
    with suppress(FileNotFoundError, PermissionError):
        shutil.rmtree(folder)
    if folder.exists():
        take_back(folder)
        shutil.rmtree(folder)


def _renew(folder: Path) -> None:
    remove(folder)
    folder.mkdir(mode=0o700, parents=True)


def _sweep(scratch: Path) -> None:
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in scratch.iterdir():
        if left.is_dir() and not left.is_symlink():
            remove(left)
        else:
            left.unlink()
