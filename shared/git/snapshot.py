"""A work tree back into git: a tree, a draft commit and a thin bundle of it.

The folder was written by an agent, so git never sees it: its files are read as bytes and handed to
git as objects. Nothing in the folder is taken as configuration; which new files are ignored is
decided by the base's `.gitignore` files alone.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.git.commits import Person, Signers, make_commit
from shared.git.failures import GitBadInput, GitRefused, OutputTooLarge
from shared.git.faults import WORDS
from shared.git.names import name_fault
from shared.git.objects import TreeEntry, blobs, entries, raw, require_commit, text
from shared.git.repository import init_bare, lend
from shared.git.runner import Git, Setting
from shared.git.work_tree import Changes, compare, found_paths

BAD_NAME = "{path!r}: {why}; rename or remove it"
NOTHING_TO_SEND = "{commit}: holds nothing that {base} does not; there is nothing to bundle"

DRAFT_REF = "refs/gatefleet/draft"
DRAFT_MESSAGE = "Draft\n"
DRAFT_PERSON = Person("Gatefleet draft", "draft@gatefleet.invalid")
BUNDLE_LIMIT_BYTES = 1024 * 1024
CHANGED_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class TooLarge:
    """A bundle of more than `limit_bytes`: the change must be split."""

    limit_bytes: int


async def write_tree(
    git_dir: Path,
    work_tree: Path,
    base: str,
    *,
    limit_bytes: int = CHANGED_LIMIT_BYTES,
    scratch: Path | None = None,
) -> str:
    """The id of a tree that holds what `work_tree` holds now; equal to the base's when unchanged.

    Bytes and executable bits are taken as they are; links as links; `.git` at any depth and new
    files that the base ignores are left out; the base's submodules stay. Raises GitRefused for a
    new name that no tree of ours may hold, or more than `limit_bytes` of changed content.
    `scratch`: a folder of the caller's for what is needed meanwhile; None is the system's.
    """
    known = {raw(entry.path): entry for entry in await entries(git_dir, base)}
    found = await asyncio.to_thread(found_paths, work_tree, known)
    new = [path for path in found if path not in known]
    ignored = await _ignored(git_dir, known, new, scratch)
    paths = [path for path in found if path not in ignored]
    for path in paths:
        if path not in known and (fault := name_fault(path)):
            raise GitRefused(BAD_NAME.format(path=text(path), why=WORDS[fault]))
    changes = await asyncio.to_thread(compare, work_tree, known, paths, limit_bytes=limit_bytes)
    return await _store(git_dir, base, changes, scratch)


async def _ignored(
    git_dir: Path, base: Mapping[bytes, TreeEntry], new: list[bytes], scratch: Path | None
) -> frozenset[bytes]:
    """Which of the new paths the base's own `.gitignore` files name."""
    rules = [e for e in base.values() if e.path.rpartition("/")[2] == ".gitignore"]
    sizes = {entry.sha: entry.size_bytes for entry in rules if entry.mode.startswith("100")}
    if not new or not sizes:
        return frozenset()
    content = {sha: data async for sha, data in blobs(git_dir, sizes)}
    with tempfile.TemporaryDirectory(prefix="gatefleet-ignore-", dir=scratch) as folder:
        rules = [entry for entry in rules if entry.sha in content]
        await asyncio.to_thread(_write_rules, Path(folder), rules, content)
        ran = await Git(git_dir).call(
            *("check-ignore", "-z", "--stdin", "--no-index"),
            # `./` keeps a name like `:x` from being read as a command to git's path matching.
            input=b"".join(b"./%s\0" % path for path in new),
            setting=Setting(env={"GIT_LITERAL_PATHSPECS": "0"}, work_tree=Path(folder)),
            ok=(0, 1),
        )
    return frozenset(path[2:] for path in ran.out.split(b"\0")[:-1])


def _write_rules(scratch: Path, rules: list[TreeEntry], content: Mapping[str, bytes]) -> None:
    for entry in rules:
        at = scratch / entry.path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(content[entry.sha])


async def _store(git_dir: Path, base: str, changes: Changes, scratch: Path | None) -> str:
    if changes.contents:
        stream = b"".join(b"blob\ndata %d\n%s\n" % (len(c), c) for c in changes.contents.values())
        await Git(git_dir).run("fast-import", "--quiet", input=stream)
    # Removals come first: a file may have taken the place of a folder, or the reverse.
    lines = [b"0 %s\t%s" % (b"0" * 40, path) for path in changes.gone]
    lines += [
        b"%s %s\t%s" % (mode.encode(), sha.encode(), path)
        for path, (mode, sha) in sorted(changes.entries.items())
    ]
    with tempfile.TemporaryDirectory(prefix="gatefleet-index-", dir=scratch) as folder:
        git, env = Git(git_dir), {"GIT_INDEX_FILE": f"{folder}/index"}
        await git.run("read-tree", base, env=env)
        if lines:
            listing = b"\0".join(lines) + b"\0"
            await git.run("update-index", "-z", "--index-info", input=listing, env=env)
        return (await git.run("write-tree", env=env)).decode().strip()


async def commit_draft(
    git_dir: Path, tree: str, parent: str, *, at: datetime, merged: str | None = None
) -> str:
    """A commit that only carries `tree` to the importer, which takes nothing else from it.

    `merged`: the moved base, when the tree solves a conflict with it.
    """
    return await make_commit(
        git_dir,
        tree,
        [parent] if merged is None else [parent, merged],
        message=DRAFT_MESSAGE,
        at=at,
        by=Signers(DRAFT_PERSON, DRAFT_PERSON),
    )


async def bundle(
    git_dir: Path,
    base: str,
    commit: str,
    *,
    merged: str | None = None,
    limit_bytes: int = BUNDLE_LIMIT_BYTES,
    scratch: Path | None = None,
) -> bytes | TooLarge:
    """`base..commit` as a thin bundle with the one ref `DRAFT_REF`; nothing of `merged` either.

    Raises GitBadInput when there is nothing between the two. `scratch` as in `write_tree`.
    """
    await require_commit(git_dir, commit)
    known = [f"^{await require_commit(git_dir, sha)}" for sha in (base, merged) if sha]
    count = await Git(git_dir).run("rev-list", "--count", commit, *known)
    if count.strip() == b"0":
        raise GitBadInput(NOTHING_TO_SEND.format(commit=commit, base=base))
    # A bundle names a ref. It is made in a throw-away repository, so that ours never shows it.
    with tempfile.TemporaryDirectory(prefix="gatefleet-bundle-", dir=scratch) as folder:
        lender = await init_bare(Path(folder, "bundle.git"))
        lend(git_dir, lender)
        git = Git(lender)
        await git.run("update-ref", DRAFT_REF, commit)
        try:
            command = ("bundle", "create", "--quiet", "--version=2", "-")
            ran = await git.call(*command, DRAFT_REF, *known, limit_bytes=limit_bytes)
        except OutputTooLarge:
            return TooLarge(limit_bytes)
    return ran.out
