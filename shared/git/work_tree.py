"""What lies in a folder that somebody else wrote, compared with a base tree: a plain reading.

No git runs here, no link is followed, nothing in the folder is configuration. Bytes are compared
with the base by the id that git would give them.
"""

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.git.failures import GitRefused
from shared.git.objects import TreeEntry

TOO_MUCH_CHANGED = "{path!r}: the changed files are over {limit} bytes in all; split the change"
TOO_MANY_PATHS = "{folder}: over {limit} new files; have the tools write elsewhere, or ignore them"

# Left behind by tools of many languages, and never part of a change unless the base tracks them.
NEVER_NEW_FOLDERS = frozenset(
    b"__pycache__ .pytest_cache .ruff_cache .mypy_cache .hypothesis .tox .nox .venv "
    b"node_modules .eggs .ipynb_checkpoints".split()
)
NEVER_NEW_SUFFIXES = (b".pyc", b".pyo", b".egg-info", b"/.DS_Store", b"/.coverage")
_MOST_NEW_PATHS = 100_000
_LINK, _FILE, _EXECUTABLE, _GITLINK = "120000", "100644", "100755", "160000"


@dataclass(frozen=True)
class Changes:
    """What to do to the base's index: entries to set (path → mode, id), paths to drop, new bytes."""

    entries: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    gone: tuple[bytes, ...] = ()
    contents: dict[str, bytes] = field(default_factory=dict)


def blob_id(content: bytes) -> str:
    """The id that git gives these bytes as a blob."""
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def found_paths(work_tree: Path, base: Mapping[bytes, TreeEntry]) -> list[bytes]:
    """Files and links below `work_tree`, relative, sorted. Left out: `.git` at any depth, what lies
    in the base's submodules, sockets and the like, and caches that the base does not track.
    """
    folders = {path[:at] for path in base for at in _slashes(path)}
    modules = {path for path, entry in base.items() if entry.mode == _GITLINK}
    found, new = [], 0
    for path in _walk(os.fsencode(work_tree), b"", folders=folders, modules=modules):
        if path not in base:
            new += 1
            if path.endswith(NEVER_NEW_SUFFIXES) or path in (b".DS_Store", b".coverage"):
                continue
        if new > _MOST_NEW_PATHS:
            words = TOO_MANY_PATHS.format(folder=work_tree.name, limit=_MOST_NEW_PATHS)
            raise GitRefused(words)
        found.append(path)
    return sorted(found)


def _slashes(path: bytes) -> Iterator[int]:
    at = path.find(b"/")
    while at >= 0:
        yield at
        at = path.find(b"/", at + 1)


def _walk(
    root: bytes, below: bytes, *, folders: Collection[bytes], modules: Collection[bytes]
) -> Iterator[bytes]:
    pending = [below]
    while pending:
        here = pending.pop()
        with os.scandir(os.path.join(root, here)) as listing:
            found = list(listing)
        for entry in found:
            path = os.path.join(here, entry.name)
            if entry.name == b".git" or path in modules:
                continue
            if entry.is_symlink() or entry.is_file(follow_symlinks=False):
                yield path
            elif entry.is_dir(follow_symlinks=False) and (
                path in folders or entry.name not in NEVER_NEW_FOLDERS
            ):
                pending.append(path)


def compare(
    work_tree: Path,
    base: Mapping[bytes, TreeEntry],
    paths: Collection[bytes],
    *,
    limit_bytes: int,
) -> Changes:
    """The changes that make the base look like `paths` of the folder.

    Submodules are kept as the base has them. Raises GitRefused when the changed bytes go over
    `limit_bytes` in all: they are held in memory.
    """
    entries: dict[bytes, tuple[str, str]] = {}
    contents: dict[str, bytes] = {}
    held = 0
    for path in paths:
        known = base.get(path)
        mode, content = _read(os.path.join(os.fsencode(work_tree), path), limit_bytes - held, known)
        if content is None:
            words = TOO_MUCH_CHANGED.format(path=os.fsdecode(path), limit=limit_bytes)
            raise GitRefused(words)
        sha = blob_id(content)
        if known is None or (known.mode, known.sha) != (mode, sha):
            entries[path] = (mode, sha)
        if (known is None or known.sha != sha) and sha not in contents:
            contents[sha] = content
            held += len(content)
    kept = set(paths)
    gone = (path for path, entry in base.items() if entry.mode != _GITLINK and path not in kept)
    return Changes(entries, tuple(sorted(gone)), contents)


def _read(at: bytes, left: int, known: TreeEntry | None) -> tuple[str, bytes | None]:
    """Mode and content of a file or link; no content when it is larger than what is left.

    A file as large as the base has it is read whatever is left: it may well be unchanged.
    """
    seen = os.lstat(at)
    if stat.S_ISLNK(seen.st_mode):
        return _LINK, os.readlink(at)
    mode = _EXECUTABLE if seen.st_mode & stat.S_IXUSR else _FILE
    if seen.st_size > left and (known is None or known.size_bytes != seen.st_size):
        return mode, None
    # O_NONBLOCK and O_NOFOLLOW: what is opened is the file that was looked at, or nothing.
    with os.fdopen(os.open(at, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as handle:
        content = handle.read(seen.st_size + 1)
    return mode, content
