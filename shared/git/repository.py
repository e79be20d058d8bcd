"""Making bare repositories of ours, and lending one the objects of another."""

import asyncio
from pathlib import Path

from shared.git.runner import Git


async def init_bare(folder: Path) -> Path:
    """Make `folder` a bare repository without templates, so without hooks; again is harmless."""
    await asyncio.to_thread(folder.mkdir, 0o700, True, True)
    await Git(folder).run("init", "--quiet", "--bare", "--template=", "--initial-branch=main")
    return folder


def quoted(git_dir: Path) -> str:
    """A repository's objects folder in the form that lists of alternates take."""
    path = str(git_dir.absolute() / "objects")
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def lend(source_git_dir: Path, borrower: Path) -> None:
    """Let `borrower` read the objects of `source_git_dir`; nothing is copied or written there."""
    info = borrower / "objects" / "info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "alternates").write_text(f"{quoted(source_git_dir)}\n", encoding="utf-8")
