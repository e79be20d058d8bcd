"""One bare repository: facts about its commits and files, and the ways in which its refs move."""

import re
from functools import partial
from pathlib import Path

from services.local_forge.git.changes import changed_files
from services.local_forge.git.cloning import clone_bare, create_bare
from services.local_forge.git.command import run_git
from services.local_forge.git.commits import read_commits
from services.local_forge.git.facts import (
    NO_OBJECT,
    CommitInfo,
    FileChange,
    Signature,
    TreeEntry,
)
from services.local_forge.git.memory import Memory
from services.local_forge.git.refs import Refs
from shared.errors import BadInput, Refused, TryLater

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree without files, which git knows without having it stored."""

_REMEMBERED_BYTES = 256 * 1024
_SHA = re.compile(r"[0-9a-f]{4,40}")
_NOT_IN_A_NAME = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/]|/$|\.lock$|\.$")


class BareRepository:
    """A bare repository at `path`. Objects are named by their whole SHA unless said otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._refs = Refs(path)
        self._commits: Memory[list[CommitInfo]] = Memory(256)
        self._changes: Memory[list[FileChange]] = Memory(64)
        self._trees: Memory[list[TreeEntry]] = Memory(16)
        self._blobs: Memory[bytes | None] = Memory(64, worth=_is_small)
        self._bases: Memory[str | None] = Memory(256, worth=_is_known)
        self._merges: Memory[bool] = Memory(256)
        self._resolved: Memory[str | None] = Memory(1024, worth=_is_known)

    async def create(self, default_branch: str) -> None:
        """Make it, empty, with `default_branch` as HEAD."""
        await create_bare(self.path, default_branch)

    async def clone_from(self, source: Path, default_branch: str | None = None) -> str:
        """Make it from a local repository; answers the default branch. BadInput says what is wrong."""
        return await clone_bare(self.path, source, default_branch=default_branch)

    async def exists(self) -> bool:
        """Whether there is a repository."""
        return (self.path / "HEAD").is_file()

    async def head(self, branch: str) -> str | None:
        """The commit that `branch` points to."""
        return self._refs.one(f"refs/heads/{branch}")

    async def branches(self) -> dict[str, str]:
        """Every branch (without `refs/heads/`) with its commit, by name."""
        refs = await self.refs("refs/heads/")
        return {name.removeprefix("refs/heads/"): sha for name, sha in refs.items()}

    async def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Every ref whose full name starts with `prefix`, with the object it points to."""
        return self._refs.all(prefix)

    async def ref(self, name: str) -> str | None:
        """The object that one full ref points to."""
        return self._refs.one(name)

    async def resolve(self, rev: str) -> str | None:
        """The commit that a branch, a tag, a full ref, HEAD or a SHA (4 to 40 digits) means."""
        if not rev or _NOT_IN_A_NAME.search(rev):
            return None
        named = [rev] if rev.startswith("refs/") else []
        named += [f"refs/heads/{rev}", f"refs/tags/{rev}"]
        objects = (self._refs.one(name) for name in named)
        tries = ["HEAD"] if rev == "HEAD" else []
        tries += [sha for sha in objects if sha is not None]
        tries += [rev] if _SHA.fullmatch(rev) else []
        for name in tries:
            found = await self._resolved.get((name,), partial(self._commit_of, name))
            if found is not None:
                return found
        return None

    async def _commit_of(self, name: str) -> str | None:
        done = await run_git(self.path, "rev-parse", "--verify", "-q", f"{name}^{{commit}}")
        return done.out.decode().strip() if done.code == 0 else None

    async def merge_base(self, a: str, b: str) -> str | None:
        """The best common ancestor of two commits; None where they share no history."""
        return await self._bases.get((a, b), partial(self._find_base, a, b))

    async def _find_base(self, a: str, b: str) -> str | None:
        done = await run_git(self.path, "merge-base", _rev(a), _rev(b))
        return done.out.decode().strip() if done.code == 0 else None

    async def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` contains `older`."""
        done = await run_git(self.path, "merge-base", "--is-ancestor", _rev(older), _rev(newer))
        return done.code == 0

    async def commits(self, base: str | None, head: str) -> list[CommitInfo]:
        """The commits that `head` has and `base` has not, parents before children."""
        without = [f"^{_rev(base)}"] if base else []
        ask = ("--topo-order", "--reverse", _rev(head), *without)
        shas = (head, base) if base else (head,)
        return list(await self._commits.get(shas, partial(read_commits, self.path, *ask)))

    async def log(self, rev: str, *, limit: int) -> list[CommitInfo]:
        """The newest `limit` commits of a commit's history, newest first."""
        newest = f"--max-count={limit}"
        ask = partial(read_commits, self.path, newest, _rev(rev))
        return list(await self._commits.get((rev,), ask, about=newest))

    async def commit(self, sha: str) -> CommitInfo:
        """One commit."""
        return (await self.log(sha, limit=1))[0]

    async def changed_files(self, base: str, head: str) -> list[FileChange]:
        """What `head` changes since it left `base` (from their merge base, as pull requests show)."""
        start = await self.merge_base(base, head)
        return await self._changed(start or base, head)

    async def _changed(self, base: str, head: str) -> list[FileChange]:
        ask = partial(changed_files, self.path, base=base, head=head)
        return list(await self._changes.get((base, head), ask))

    async def changes_of(self, commit: CommitInfo) -> list[FileChange]:
        """What one commit changed against its first parent (a first commit: everything)."""
        base = (*commit.parents, EMPTY_TREE)[0]
        return await self._changed(base, commit.sha)

    async def mergeable(self, base_sha: str, head_sha: str) -> bool:
        """Whether the two merge without a conflict."""
        ask = partial(self._merges_cleanly, base_sha, head_sha)
        return await self._merges.get((base_sha, head_sha), ask)

    async def _merges_cleanly(self, base: str, head: str) -> bool:
        return await self._merged_tree(base, head) is not None

    async def merge(self, base_branch: str, head_sha: str, *, message: str, who: Signature) -> str:
        """Merge `head_sha` into a branch by a merge commit of `who`; answers its SHA.

        Refused on a conflict or where the branch is missing; TryLater if the branch moved meanwhile.
        """
        base = await self.head(base_branch)
        tree = await self._merged_tree(base, head_sha) if base else None
        if base is None or tree is None:
            raise Refused(f"{base_branch}: {head_sha[:12]} has conflicts with it; mend the branch")
        date = f"@{int(who.date.timestamp())} {who.date.strftime('%z') or '+0000'}"
        person = {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (("NAME", who.name), ("EMAIL", who.email), ("DATE", date))
        }
        made = await run_git(
            self.path, "commit-tree", tree, "-p", base, "-p", head_sha,
            stdin=message.encode(), extra=person,
        )  # fmt: skip
        if made.code:
            raise TryLater(f"{base_branch}: the merge commit could not be made: {made.err}")
        sha = made.out.decode().strip()
        await self.update_ref(f"refs/heads/{base_branch}", sha, base)
        return sha

    async def read_blob(self, rev: str, path: str) -> bytes | None:
        """A file's bytes at a commit or tree; None where there is no such file."""
        return await self._blobs.get((rev,), partial(self._read_blob, rev, path), about=path)

    async def _read_blob(self, rev: str, path: str) -> bytes | None:
        done = await run_git(self.path, "cat-file", "blob", f"{_rev(rev)}:{path}")
        return done.out if done.code == 0 else None

    async def tree(self, rev: str) -> list[TreeEntry]:
        """Every file (and submodule) of a commit, in git's order."""
        return list(await self._trees.get((rev,), partial(self._list_tree, rev)))

    async def _list_tree(self, rev: str) -> list[TreeEntry]:
        done = await run_git(self.path, "ls-tree", "-r", "-z", "-l", "--full-tree", _rev(rev))
        if done.code:
            raise TryLater(f"{self.path.stem}: cannot list {rev[:12]}: {done.err}")
        entries = done.out.decode("utf-8", "replace").split("\0")
        return [_entry(entry) for entry in entries if entry]

    async def update_ref(self, ref: str, new: str, old: str | None = None) -> None:
        """Move a full ref to `new`; only from `old` where one is named (`NO_OBJECT`: only create).

        Raises TryLater where the ref is not at `old` any more.
        """
        expected = [old] if old is not None else []
        done = await run_git(self.path, "update-ref", ref, new, *expected)
        if done.code:
            raise TryLater(f"{ref}: it moved meanwhile; read it again ({done.err})")

    async def delete_ref(self, ref: str) -> bool:
        """Delete a full ref; False where there was none."""
        if self._refs.one(ref) is None:
            return False
        await run_git(self.path, "update-ref", "-d", ref)
        return True

    async def _merged_tree(self, base: str, head: str) -> str | None:
        if await self.merge_base(base, head) is None:
            return None
        done = await run_git(self.path, "merge-tree", "--write-tree", "--no-messages", base, head)
        if done.code > 1:
            raise TryLater(f"{self.path.stem}: cannot merge {head[:12]}: {done.err}")
        return done.out.decode().strip() if done.code == 0 else None


def _is_known(sha: str | None) -> bool:
    """What is not there yet may come."""
    return sha is not None


def _is_small(content: bytes | None) -> bool:
    return content is not None and len(content) <= _REMEMBERED_BYTES


def _rev(text: str) -> str:
    """`text` again; BadInput where git would read it as an option or an expression."""
    if not text or _NOT_IN_A_NAME.search(text):
        raise BadInput(f"{text!r}: not the name of a commit; resolve it first")
    return text


def _entry(text: str) -> TreeEntry:
    facts, path = text.split("\t", 1)
    mode, kind, sha, size = facts.split()
    size_bytes = None if size == "-" else int(size)
    return TreeEntry(path, mode, "commit" if kind == "commit" else "blob", sha, size_bytes)


__all__ = ["NO_OBJECT", "BareRepository"]
