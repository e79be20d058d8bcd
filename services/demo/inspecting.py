"""What a person should know of their repository before the loop works on a clone of it.

Everything is asked of the clone, whose configuration is ours. The original is looked at twice: where its
HEAD points, and which of its files differ. Neither obeys its configuration, nor writes anything there.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.errors import BadInput
from shared.git.export import is_lfs_pointer
from shared.git.failures import GitFailed
from shared.git.objects import TreeEntry, blobs, entries, kind_of, text
from shared.git.runner import Git, Setting
from shared.policy import FILE, Policy, parse

UNCOMMITTED = (
    "{count} uncommitted change(s) are left out, such as {first}: the loop works from {head}"
)
UNSEEN = "whether there are uncommitted changes cannot be seen ({why}); only commits are used"
UNBORN = "{there} has no commit yet; the loop works from the branch {branch} at {tip}"
NOT_CLONED = "no branch holds {head}"
DETACHED = "HEAD is detached at {head}; the loop works from the branch {branch} at {tip}"
SUBMODULES = "{count} submodule(s) stay empty folders here, such as {first}"
POINTERS = "{count} file(s) kept in Git LFS are pointers only here, such as {first}"
BROKEN = "{repo}: {problem}"

_SUBMODULE = "160000"
_POINTER_BYTES = range(100, 1024)
_SHORT = 12


async def policy_of(bare: Path, head: str, *, repo: str) -> Policy:
    """The policy at `head`. BadInput has a line for everything that is wrong with it."""
    found = await Git(bare).run("ls-tree", "-z", head, "--", FILE)
    if not found:
        return parse(None)
    sha = found.split(b"\t", 1)[0].split()[2].decode()
    content = await Git(bare).run("cat-file", "blob", sha)
    try:
        return parse(content)
    except BadInput as error:
        lines = [BROKEN.format(repo=repo, problem=line) for line in str(error).splitlines()]
        raise BadInput("\n".join(lines)) from None


async def remarks(source: Path, bare: Path, *, branch: str, head: str, scratch: Path) -> list[str]:
    """One line for each thing that is not used as it lies there."""
    tree = await entries(bare, head)
    there = await _head_of(source)
    said = _elsewhere(there, branch=branch, head=head)
    pointers = await _pointers(bare, tree)
    if (source / ".git").exists() and there.commit is not None:
        index = scratch / "uncommitted.index"
        paths = await _uncommitted(source, bare, head=there.commit, index=index)
        if isinstance(paths, str):
            said.append(UNSEEN.format(why=paths))
        elif left_out := sorted(set(paths) - set(pointers)):
            words = UNCOMMITTED.format(count=len(left_out), first=left_out[0], head=head[:_SHORT])
            said.append(words)
    submodules = [entry.path for entry in tree if entry.mode == _SUBMODULE]
    for words, paths in ((SUBMODULES, submodules), (POINTERS, pointers)):
        if paths:
            said.append(words.format(count=len(paths), first=paths[0]))
    return said


@dataclass(frozen=True)
class _Head:
    """Where the original's HEAD points: a branch (None: detached) and its commit (None: not born)."""

    branch: str | None
    commit: str | None


async def _head_of(source: Path) -> _Head:
    inside = source / ".git" if (source / ".git").exists() else source
    git = Git(inside, subject=source.name)
    named = await git.call("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))
    born = await git.call("rev-parse", "--quiet", "--verify", "HEAD^{commit}", ok=(0, 1))
    return _Head(named.out.decode().strip() or None, born.out.decode().strip() or None)


def _elsewhere(there: _Head, *, branch: str, head: str) -> list[str]:
    if there.commit is None:
        return [UNBORN.format(there=there.branch, branch=branch, tip=head[:_SHORT])]
    if there.branch is None:
        return [DETACHED.format(head=there.commit[:_SHORT], branch=branch, tip=head[:_SHORT])]
    return []


async def _uncommitted(source: Path, bare: Path, *, head: str, index: Path) -> list[str] | str:
    """Paths that differ, or why nobody can tell. With an index and a configuration of our own: the
    original's index would be refreshed, and filters that its configuration names would run."""
    if await kind_of(bare, head) != "commit":
        return NOT_CLONED.format(head=head[:_SHORT])
    setting = Setting(
        env={"GIT_INDEX_FILE": str(index)}, work_tree=source,
        config={"core.excludesFile": str(source / ".git/info/exclude"), "core.bare": "false"},
    )  # fmt: skip
    git = Git(bare, subject=source.name)
    try:
        await git.call("read-tree", head, setting=setting)
        status = ("status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all")
        out = (await git.call(*status, setting=setting)).out
    except GitFailed as error:
        return str(error)
    finally:
        await asyncio.to_thread(index.unlink, missing_ok=True)
    return [text(entry[3:]) for entry in out.split(b"\0") if entry]


async def _pointers(bare: Path, tree: Sequence[TreeEntry]) -> list[str]:
    small = [entry for entry in tree if entry.kind == "blob" and entry.size_bytes in _POINTER_BYTES]
    sizes = {entry.sha: entry.size_bytes for entry in small}
    found = {sha async for sha, content in blobs(bare, sizes) if is_lfs_pointer(content)}
    return [entry.path for entry in small if entry.sha in found]
