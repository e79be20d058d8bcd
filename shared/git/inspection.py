"""Reading a change that lies in quarantine: what no tree of ours may hold, each by its own name."""

import re
from dataclasses import dataclass
from pathlib import Path

from shared.git.changes import EXECUTABLE, SUBMODULE, SYMLINK, ChangedFile
from shared.git.diff import changed
from shared.git.export import is_lfs_pointer
from shared.git.faults import Fault, Reason
from shared.git.names import collisions, name_fault, plain
from shared.git.objects import blobs, raw, text
from shared.git.runner import Git

_FILE_MODES = ("100644", EXECUTABLE)
_LFS_READ_BYTES = 1024
_ATTRIBUTES_READ_BYTES = 1024 * 1024
_RUNS_OR_REWRITES = re.compile(rb"[ \t][-!]?(filter|diff|merge|ident|export-subst)(?=[=\s]|\Z)")


@dataclass(frozen=True)
class Inspected:
    """Every reason against the change (none: it passed), and what people should look at."""

    reasons: tuple[Reason, ...]
    executables: tuple[str, ...]


async def inspect(git_dir: Path, base: str, head: str, *, merged: str | None = None) -> Inspected:
    """Look at every path that differs between two commits. What is only removed is never a fault.

    What is exactly as `merged` (the moved base) has it was decided there by people, not here.
    """
    files = (await changed(git_dir, base, head)).files
    if not files:
        return Inspected((Reason(Fault.EMPTY_CHANGE),), ())
    if merged:
        own = {file.path for file in (await changed(git_dir, merged, head)).files}
        files = tuple(file for file in files if file.path in own)
    reasons = [Reason(fault, file.path) for file in files for fault in file_faults(file)]
    new = [file.path for file in files if not file.gone]
    listing = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", head)
    every = [text(path) for path in (await Git(git_dir).run(*listing)).split(b"\0")[:-1]]
    reasons += [Reason(Fault.CASE_COLLISION, path) for path in collisions(new, every)]
    reasons += await _content_reasons(git_dir, files)
    executables = (f.path for f in files if f.new_mode == EXECUTABLE != f.old_mode)
    return Inspected(tuple(reasons), tuple(executables))


def file_faults(file: ChangedFile) -> list[Fault]:
    """What one changed path's name and mode are against, without its content."""
    special = plain(file.path.rpartition("/")[2]) == ".gitmodules"
    faults = [Fault.GITMODULES] if special else []
    if file.gone:
        return faults
    if fault := name_fault(raw(file.path)):
        faults.append(fault)
    if file.new_mode == SYMLINK:
        faults.append(Fault.SYMLINK)
    elif file.new_mode == SUBMODULE:
        faults.append(Fault.SUBMODULE)
    elif file.new_mode not in _FILE_MODES:
        faults.append(Fault.ODD_MODE)
    return faults


async def _content_reasons(git_dir: Path, files: tuple[ChangedFile, ...]) -> list[Reason]:
    suspects = [f for f in files if f.new_mode in _FILE_MODES and f.new_blob != f.old_blob]
    small = {f.new_blob: f.size_bytes for f in suspects if f.size_bytes <= _LFS_READ_BYTES}
    attributes = [f for f in suspects if plain(f.path.rpartition("/")[2]) == ".gitattributes"]
    reasons = [
        Reason(Fault.LFS_POINTER, file.path)
        async for sha, content in blobs(git_dir, small)
        if is_lfs_pointer(content)
        for file in suspects
        if file.new_blob == sha
    ]
    for file in attributes:
        if file.size_bytes > _ATTRIBUTES_READ_BYTES or await _rewrites(git_dir, file):
            reasons.append(Reason(Fault.GITATTRIBUTES, file.path))
    return reasons


async def _rewrites(git_dir: Path, file: ChangedFile) -> bool:
    """Is there a line with such an attribute that the base's file did not have?"""
    git = Git(git_dir)
    had_one = file.old_mode in _FILE_MODES
    old = await git.run("cat-file", "blob", file.old_blob) if had_one else b""
    new = await git.run("cat-file", "blob", file.new_blob)
    known = set(old.splitlines())
    return any(_RUNS_OR_REWRITES.search(line) for line in new.splitlines() if line not in known)
