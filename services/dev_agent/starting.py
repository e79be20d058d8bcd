"""What a run starts from: the base, the head that is revised, or the merge that has to be solved."""

from dataclasses import dataclass
from pathlib import Path

from shared.git.failures import GitBadInput, GitFailed
from shared.git.merging import Conflict, is_ancestor, merge
from shared.git.mirror import Mirror
from shared.messages.content import CauseKind, RunEnd
from shared.messages.work import ImplementationRequested, RevisionRequested
from shared.runs import Ended

UNKNOWN = "commit {sha} is not in {repo} any more; its branch was rewritten or deleted"
MERGED = "the base is merged already: there is no conflict left to solve"

Request = ImplementationRequested | RevisionRequested


@dataclass(frozen=True)
class Start:
    """`tree` is what the engine gets; `base` the commit that the change is put on."""

    tree: str
    base: str
    against: str
    """The commit that scope is measured against."""
    merges: str | None = None
    """The tip that is merged into `base`; None for every other change."""
    conflicts: tuple[str, ...] = ()
    """Where `tree` holds both sides, between conflict markers where it is text."""


async def begins_here(mirror: Mirror, request: Request) -> bool:
    """Whether the mirror holds what the work begins with, from an earlier fetch."""
    if not mirror.is_there:
        return False
    try:
        return all([await mirror.has(sha) for sha in _commits(request)])
    except (
        GitFailed,
        GitBadInput,
    ):  # left half made by a process that was killed: a fetch mends it
        return False


async def starting_point(mirror: Mirror, request: Request) -> Start | Ended:
    """Where the work begins, or why it cannot. The mirror was fetched before."""
    head, *_ = commits = _commits(request)
    for sha in commits:
        if not await mirror.has(sha):
            return Ended(RunEnd.DECLINED, UNKNOWN.format(sha=sha[:12], repo=request.repo))
    if isinstance(request, RevisionRequested) and request.cause.kind is CauseKind.CONFLICT:
        return await _merge(mirror.git_dir, head, request.base_sha)
    return Start(tree=head, base=head, against=head)


def _commits(request: Request) -> tuple[str, ...]:
    """What it begins with first, then what that is put on; each once."""
    head = request.head if isinstance(request, RevisionRequested) else request.base_sha
    return tuple(dict.fromkeys((head, request.base_sha)))


async def _merge(git_dir: Path, head: str, tip: str) -> Start | Ended:
    if await is_ancestor(git_dir, tip, head):
        return Ended(RunEnd.NOTHING_TO_CHANGE, MERGED)
    merged = await merge(git_dir, head, tip)
    if isinstance(merged, Conflict):
        tree, conflicts = merged.marked_tree, merged.paths
    else:
        tree, conflicts = merged.tree, ()
    return Start(tree, head, against=tip, merges=tip, conflicts=conflicts)
