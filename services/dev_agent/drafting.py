"""From a work tree that an engine left to a draft, or to why there is none.

Called with the sandbox dead: the folder is read as data, and no git command runs inside it (I-46).
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.dev_agent.leftovers import without_setup
from services.dev_agent.starting import Start
from shared.git.changes import Diff
from shared.git.diff import changed
from shared.git.globs import allowed, among
from shared.git.objects import blobs, entries, tree_of
from shared.git.snapshot import TooLarge, bundle, commit_draft, write_tree
from shared.messages.content import Brief, RunEnd
from shared.policy import Policy
from shared.runs import Ended
from shared.sandbox.lending import take_back
from shared.workspaces.naming import named

NOTHING = "{words}, and no file changed"
MARKERS = "the conflict is still marked in {paths}; solve it by hand on the branch"
OUTSIDE = (
    "the engine changed {paths}, which is outside of what the policy and the issue allow; "
    "widen `paths` in the issue's block, or mend the engine's commands"
)
TOO_LARGE = "the change is over the limit of {limit:,} bytes; split the issue into smaller ones"
CHANGED = "{words}: {files} file(s) changed, {added} line(s) added, {deleted} removed"
MERGED = "{words}; merged the base at {tip}"

_MARKED = re.compile(rb"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)


@dataclass(frozen=True)
class Worked:
    """A work tree and what is known of it: where it started, and how the set-up left it."""

    folder: Path
    start: Start
    prepared: str | None
    """The tree after the set-up; None where there is none."""
    words: str
    """What was done, for people."""


@dataclass(frozen=True)
class Draft:
    """A change as it travels, and one line about it."""

    bundle: bytes
    summary: str


@dataclass(frozen=True)
class Bounds:
    """What a change may touch, and how large it may be as it travels."""

    policy: Policy
    brief: Brief
    bundle_bytes: int


async def taken(git_dir: Path, work_tree: Path, start: Start) -> str:
    """The tree that `work_tree` is now. What is needed meanwhile lies beside it: it goes with it."""
    await asyncio.to_thread(take_back, work_tree)
    return await write_tree(git_dir, work_tree, start.tree, scratch=work_tree.parent)


async def draft(git_dir: Path, worked: Worked, bounds: Bounds, *, at: datetime) -> Draft | Ended:
    """The draft of what was done. Raises GitRefused for what no tree of ours may hold."""
    start, scratch = worked.start, worked.folder.parent
    tree = await taken(git_dir, worked.folder, start)
    if worked.prepared is not None:
        before = worked.prepared
        tree = await without_setup(git_dir, start.tree, before, tree, scratch=scratch)
    if left := await _marked(git_dir, tree, start.conflicts):
        return Ended(RunEnd.DECLINED, MARKERS.format(paths=named(left)))
    untouched = tree == (await tree_of(git_dir, start.tree))
    if untouched and (start.conflicts or start.merges is None):
        return Ended(RunEnd.NOTHING_TO_CHANGE, NOTHING.format(words=worked.words))
    diff = await changed(git_dir, start.against, tree)
    if start.merges is None and (out := outside(diff, bounds.policy, bounds.brief)):
        return Ended(RunEnd.DECLINED, OUTSIDE.format(paths=named(out)))
    commit = await commit_draft(git_dir, tree, start.base, at=at)
    limit = bounds.bundle_bytes
    made = await bundle(git_dir, start.base, commit, limit_bytes=limit, scratch=scratch)
    if isinstance(made, TooLarge):
        return Ended(RunEnd.DECLINED, TOO_LARGE.format(limit=made.limit_bytes))
    return Draft(made, _summary(worked, diff))


def outside(diff: Diff, policy: Policy, brief: Brief) -> list[str]:
    """Paths of a change that the policy's scope or the issue's block does not allow."""
    scope = policy.scope
    return [
        file.path
        for file in diff.files
        if not allowed(file.path, allow=scope.allow, deny=scope.deny)
        or (brief.paths and not among(file.path, brief.paths))
    ]


async def _marked(git_dir: Path, tree: str, paths: Sequence[str]) -> list[str]:
    """Which of `paths` still hold a conflict's markers."""
    if not paths:
        return []
    wanted = set(paths)
    found = [e for e in await entries(git_dir, tree) if e.path in wanted and e.kind == "blob"]
    sizes = {entry.sha: entry.size_bytes for entry in found}
    marked = {sha async for sha, content in blobs(git_dir, sizes) if _MARKED.search(content)}
    return [entry.path for entry in found if entry.sha in marked]


def _summary(worked: Worked, diff: Diff) -> str:
    if worked.start.merges is not None:
        return MERGED.format(words=worked.words, tip=worked.start.merges[:12])
    return CHANGED.format(
        words=worked.words,
        files=len(diff.files),
        added=sum(file.added for file in diff.files),
        deleted=sum(file.deleted for file in diff.files),
    )
