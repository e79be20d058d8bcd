"""What a change touches, from our own objects: complete, both sides of every rename.

A forge's own list of files ends after some thousands and shows a rename by its new name only; this
one is computed here, so nothing can be left out of it.
"""

from pathlib import Path

from shared.git.changes import SUBMODULE, ChangedFile, Diff, Size, size
from shared.git.globs import in_scope
from shared.git.objects import NO_OBJECT, blob_sizes, require_sha, text
from shared.git.protected import DEFAULT_PROTECTED, protected
from shared.git.runner import Git

__all__ = [
    "DEFAULT_PROTECTED",
    "ChangedFile",
    "Diff",
    "Size",
    "changed",
    "in_scope",
    "protected",
    "size",
]

_OPTIONS = ("-r", "-z", "--no-renames", "--raw", "--numstat", "--no-abbrev")
_PLAIN = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=none")


async def changed(git_dir: Path, base: str, head: str) -> Diff:
    """Everything that differs between two commits or trees, in git's order.

    Raises GitBadInput when one of them is not here.
    """
    sides = (require_sha(base), require_sha(head))
    out = await Git(git_dir).run("diff-tree", *_OPTIONS, *_PLAIN, *sides)
    facts, counts = _parse(out.split(b"\0")[:-1])
    sizes = await blob_sizes(
        git_dir, (blob for _, mode, _, blob in facts.values() if _is_blob(mode, blob))
    )
    files = []
    for path, (old_mode, new_mode, old_blob, new_blob) in facts.items():
        # A path without a count would be a change that nobody counts: let it fail loudly.
        added, deleted = counts[path]
        files.append(
            ChangedFile(
                path=text(path),
                old_mode=old_mode,
                new_mode=new_mode,
                old_blob=old_blob,
                new_blob=new_blob,
                added=added or 0,
                deleted=deleted or 0,
                binary=added is None,
                size_bytes=sizes[new_blob] if _is_blob(new_mode, new_blob) else 0,
            )
        )
    return Diff(tuple(files), sum(file.added + file.deleted for file in files))


def _is_blob(mode: str, blob: str) -> bool:
    return mode != SUBMODULE and blob != NO_OBJECT


_Facts = dict[bytes, tuple[str, str, str, str]]
_Counts = dict[bytes, tuple[int | None, int | None]]


def _parse(fields: list[bytes]) -> tuple[_Facts, _Counts]:
    """git's raw lines (modes, blobs) and then its counts (None for a binary file), by path."""
    facts: _Facts = {}
    counts: _Counts = {}
    pending = iter(fields)
    for entry in pending:
        if entry.startswith(b":"):
            old_mode, new_mode, old_blob, new_blob, _ = entry[1:].decode().split(" ")
            facts[next(pending)] = (old_mode, new_mode, old_blob, new_blob)
        else:
            added, deleted, path = entry.split(b"\t", 2)
            counts[path] = (_count(added), _count(deleted))
    return facts, counts


def _count(field: bytes) -> int | None:
    return None if field == b"-" else int(field)
