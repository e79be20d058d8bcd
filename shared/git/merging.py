"""Merges without a work tree, and how two commits stand to each other."""

from dataclasses import dataclass
from pathlib import Path

from shared.git.objects import require_commit, require_sha, text
from shared.git.runner import Git

_CONFLICT = 1


@dataclass(frozen=True)
class MergedTree:
    """The two sides merge cleanly to this tree, which is now in the repository."""

    tree: str


@dataclass(frozen=True)
class Conflict:
    """The two sides do not merge; `paths` are where a person or an agent must decide.

    `marked_tree` is the merge as far as it goes, with conflict markers in those files.
    """

    paths: tuple[str, ...]
    marked_tree: str


async def merge(git_dir: Path, ours: str, theirs: str) -> MergedTree | Conflict:
    """Merge two commits to a tree. Raises GitBadInput for commits without a common ancestor."""
    sides = (await require_commit(git_dir, ours), await require_commit(git_dir, theirs))
    options = ("--write-tree", "-z", "--name-only", "--no-messages")
    ran = await Git(git_dir).call("merge-tree", *options, *sides, ok=(0, _CONFLICT))
    tree, *paths = ran.out.split(b"\0")[:-1]
    if ran.code == _CONFLICT:
        return Conflict(tuple(sorted({text(path) for path in paths})), tree.decode())
    return MergedTree(tree.decode())


async def merge_base(git_dir: Path, one: str, other: str) -> str | None:
    """The best common ancestor of two commits; None when their histories never met."""
    sides = (require_sha(one), require_sha(other))
    ran = await Git(git_dir).call("merge-base", *sides, ok=(0, 1))
    return ran.out.decode().split()[0] if ran.code == 0 else None


async def is_ancestor(git_dir: Path, ancestor: str, descendant: str) -> bool:
    """Is `ancestor` in the history of `descendant`, or the same commit?"""
    sides = (require_sha(ancestor), require_sha(descendant))
    ran = await Git(git_dir).call("merge-base", "--is-ancestor", *sides, ok=(0, 1))
    return ran.code == 0


async def touched_since(git_dir: Path, old_tip: str, new_tip: str) -> set[str]:
    """The paths that differ between two commits; a rename is both its names."""
    sides = (require_sha(old_tip), require_sha(new_tip))
    options = ("-r", "-z", "--no-renames", "--name-only", "--no-ext-diff")
    out = await Git(git_dir).run("diff-tree", *options, *sides)
    return {text(path) for path in out.split(b"\0")[:-1]}
