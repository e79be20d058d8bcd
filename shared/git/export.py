"""A commit's files as plain files, without git: what an agent gets to work on.

Bytes are written exactly as they are stored. `git archive` and `git checkout-index` obey the tree's
own `.gitattributes` (filters, line endings, export-subst), so a file could come out changed and go
back as a change that nobody made.
"""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from shared.git.failures import GitBadInput, GitRefused
from shared.git.links import stays_inside
from shared.git.objects import TreeEntry, blobs, entries, raw

NOT_EMPTY = "{folder}: the export needs an empty folder; hand in one that is new"
LINK_LEAVES = "{path}: a symbolic link that leaves the repository; replace it or take it out"
ODD_PATH = "{path!r}: a name that cannot be written safely; rename it in the repository"
CLASH = "{path!r}: cannot be written beside another name on this file system; rename one of them"

_LFS_START = b"version https://git-lfs.github.com/spec/v1"
_LFS_LARGEST_BYTES = 1024
_LINK, _GITLINK, _EXECUTABLE = "120000", "160000", "100755"


@dataclass(frozen=True)
class Exported:
    """What was written: files (links among them), and what an agent will find missing."""

    files: tuple[str, ...]
    submodules: tuple[str, ...]
    lfs_pointers: tuple[str, ...]


def is_lfs_pointer(content: bytes) -> bool:
    """Is this the small text that stands for a file kept in Git LFS?"""
    return len(content) <= _LFS_LARGEST_BYTES and content.startswith(_LFS_START)


async def export(git_dir: Path, sha: str, folder: Path) -> Exported:
    """Write the files of a commit or tree to `folder`, which is made or must be empty.

    Modes are 0644 or 0755, folders 0755; submodules become empty folders. Raises GitRefused for a
    link that leaves the tree or a name that is unsafe, before anything is written.
    """
    tree = await entries(git_dir, sha)
    await asyncio.to_thread(_make_empty, folder)
    for entry in tree:
        if any(part in ("", ".", "..", ".git") for part in entry.path.split("/")):
            raise GitRefused(ODD_PATH.format(path=entry.path))
    links = await _links(git_dir, tree)
    for path in links:
        if not stays_inside(path, links):
            raise GitRefused(LINK_LEAVES.format(path=path))
    submodules = [entry.path for entry in tree if entry.mode == _GITLINK]
    files = [entry for entry in tree if entry.kind == "blob" and entry.mode != _LINK]
    await asyncio.to_thread(_make_folders, folder, tree)
    pointers = await _write_files(git_dir, folder, files)
    await asyncio.to_thread(_write_links, folder, links)
    written = tuple(entry.path for entry in tree if entry.kind == "blob")
    return Exported(written, tuple(submodules), tuple(sorted(pointers)))


async def _links(git_dir: Path, tree: list[TreeEntry]) -> dict[str, str]:
    found = [entry for entry in tree if entry.mode == _LINK]
    sizes = {entry.sha: entry.size_bytes for entry in found}
    targets = {sha: content async for sha, content in blobs(git_dir, sizes)}
    return {e.path: targets[e.sha].decode("utf-8", "surrogateescape") for e in found}


async def _write_files(git_dir: Path, folder: Path, files: list[TreeEntry]) -> list[str]:
    by_sha: dict[str, list[TreeEntry]] = {}
    for entry in files:
        by_sha.setdefault(entry.sha, []).append(entry)
    pointers: list[str] = []
    pending: list[tuple[TreeEntry, bytes]] = []
    async for sha, content in blobs(git_dir, {e.sha: e.size_bytes for e in files}):
        pending.extend((entry, content) for entry in by_sha[sha])
        if is_lfs_pointer(content):
            pointers.extend(entry.path for entry in by_sha[sha])
        if len(pending) >= 256:  # a thread hop for each file would cost more than the writing
            await asyncio.to_thread(_write_all, folder, pending)
            pending = []
    await asyncio.to_thread(_write_all, folder, pending)
    return pointers


def _make_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise GitBadInput(NOT_EMPTY.format(folder=folder.name))


def _make_folders(folder: Path, tree: list[TreeEntry]) -> None:
    wanted = {raw(entry.path).rpartition(b"/")[0] for entry in tree}
    wanted |= {raw(entry.path) for entry in tree if entry.mode == _GITLINK}
    root = os.fsencode(folder)
    for path in sorted(wanted - {b""}):
        at = root
        for part in path.split(b"/"):
            at = os.path.join(at, part)
            if not os.path.isdir(at):
                os.mkdir(at)
                os.chmod(at, 0o755)  # noqa: S103 (whatever the umask: the agent is another user)


def _write_all(folder: Path, files: list[tuple[TreeEntry, bytes]]) -> None:
    for entry, content in files:
        at = os.path.join(os.fsencode(folder), raw(entry.path))
        mode = 0o755 if entry.mode == _EXECUTABLE else 0o644
        try:
            # O_EXCL: on a file system that folds case, a second spelling must not overwrite.
            file = os.open(at, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        except FileExistsError as error:
            raise GitRefused(CLASH.format(path=entry.path)) from error
        with os.fdopen(file, "wb") as handle:
            handle.write(content)
            os.fchmod(handle.fileno(), mode)


def _write_links(folder: Path, links: dict[str, str]) -> None:
    """Last of all, so that no file was ever written through one."""
    for path, target in links.items():
        at = os.path.join(os.fsencode(folder), raw(path))
        try:
            os.symlink(raw(target), at)
        except FileExistsError as error:
            raise GitRefused(CLASH.format(path=path)) from error
