"""What stands on the forge of the work under an approval: branch, commits, pull request, verdict."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.gatekeeper.commits import APPROVAL, RUN, branch_name
from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.ownership import Ours, TakenOver, owner_of
from services.gatekeeper.rebuilding.verdicts import FoundVerdict, find_verdict
from services.gatekeeper.roles import is_fleet
from shared.git.changes import Diff
from shared.git.commits import Commit, commits_between, read_commit, trailers
from shared.git.diff import changed
from shared.git.merging import merge_base
from shared.messages.objects import PullRequest

BRANCH = re.compile(r"gatefleet/issue-([1-9][0-9]{0,9})/([0-9a-f]{12})")
LOOK_BACK = 20
"""Commits of people that may stand on top of ours on a branch that was taken over."""


@dataclass(frozen=True)
class Work:
    """The work under one approval, as far as it is provably ours. `pull` None: the branch was pushed,
    and its pull request was not opened yet."""

    branch: str
    base: str
    """The commit of the default branch that the work began on."""
    head: str
    """The last head that we pushed."""
    commits: tuple[tuple[str, UUID], ...]
    """Ours, oldest first, each with the run that it is of."""
    round: int
    diff: Diff
    pull: PullRequest | None
    verdict: FoundVerdict | None = None
    asked: bool = False
    """A person was asked for a review since the head was pushed."""

    @property
    def run(self) -> UUID:
        """The run of the head."""
        return self.commits[-1][1]


@dataclass(frozen=True)
class Over:
    """The newest pull request under an approval is merged or closed."""

    pull: PullRequest


@dataclass(frozen=True)
class Held:
    """An open pull request of ours under an approval that cannot be found again as it was given."""

    approval: UUID
    work: Work


def branch_of(ref: str) -> tuple[int, str] | None:
    """Issue and first digits of the approval that a branch of ours is named for."""
    found = BRANCH.fullmatch(ref)
    return (int(found[1]), found[2]) if found is not None else None


async def find_work(desk: Desk, issue: int, approval: UUID, policy: PolicyAt) -> Work | Over | None:
    """None: nothing was published under it, or nothing that is provably ours."""
    branch = branch_name(issue, approval)
    fleet = await desk.fleet()
    opened = await desk.forge.pull_requests_of_branch(branch)
    pull = next((each for each in opened if is_fleet(each.author, fleet)), None)
    if pull is not None and pull.state == "closed":
        return Over(pull)
    head = pull.head_sha if pull is not None else await desk.forge.branch_sha(branch)
    if head is None:
        return None
    await desk.mirror.fetch()
    git = desk.mirror.git_dir
    ours = await _ours(desk, policy.tip, head, approval)
    if not ours:
        return None
    left = await merge_base(git, policy.tip, ours[-1].sha)
    work = Work(
        branch=branch, base=ours[0].parents[0], head=ours[-1].sha,
        commits=tuple((each.sha, run) for each in ours if (run := _run(each)) is not None),
        round=max(1, sum(len(each.parents) == 1 for each in ours)),
        diff=await changed(git, left or policy.tip, ours[-1].sha), pull=pull,
    )  # fmt: skip
    return await _judged(desk, work, policy) if pull is not None else work


async def find_held(desk: Desk, issue: int, policy: PolicyAt) -> Sequence[Held]:
    """Open pull requests of ours on an issue that has no approval (any more): each with the approval
    that its commits name, whatever became of it."""
    fleet = await desk.fleet()
    found: list[Held] = []
    for pull in await desk.forge.open_pull_requests():
        named = branch_of(pull.head_ref)
        if named is None or named[0] != issue or pull.head_repo != str(desk.repo):
            continue
        if not is_fleet(pull.author, fleet):
            continue
        approval = await ended_approval(desk, pull)
        work = await find_work(desk, issue, approval, policy) if approval is not None else None
        if approval is not None and isinstance(work, Work) and work.pull is not None:
            found.append(Held(approval, work))
    return found


async def ended_approval(desk: Desk, pull: PullRequest) -> UUID | None:
    """The approval of a pull request that may have ended, as its commits name it; None where they
    are gone with their branch, or are not ours."""
    named = branch_of(pull.head_ref)
    sha: str | None = pull.head_sha
    await desk.mirror.fetch()
    for _ in range(LOOK_BACK):
        if named is None or sha is None or not await desk.mirror.has(sha):
            return None
        commit = await read_commit(desk.mirror.git_dir, sha)
        found = approval_of(commit)
        by_fleet = commit.committer == desk.author and commit.author == desk.author
        if by_fleet and found is not None and found.hex.startswith(named[1]):
            return found
        sha = commit.parents[0] if commit.parents else None
    return None


async def _judged(desk: Desk, work: Work, policy: PolicyAt) -> Work:
    """The same with QA's verdict on its head, and whether a person was asked."""
    assert work.pull is not None
    verdict = await find_verdict(desk, work.pull.number, work.head, policy)
    events = await desk.forge.timeline(work.pull.number)
    fleet = await desk.fleet()
    began = (await read_commit(desk.mirror.git_dir, work.head)).committed_at
    asked = any(
        each.event == "review_requested" and is_fleet(each.actor, fleet) and each.at >= began
        for each in events
    )
    return replace(work, verdict=verdict, asked=asked)


async def _ours(desk: Desk, tip: str, head: str, approval: UUID) -> Sequence[Commit]:
    """Our own line of commits up to the first that is somebody else's."""
    git = desk.mirror.git_dir
    every = await commits_between(git, tip, head, first_parent=False)
    found = owner_of(every, ledger=frozenset(), fleet=desk.author, approvals=frozenset({approval}))
    theirs = {found.sha} if isinstance(found, TakenOver) else set()
    line = await commits_between(git, tip, head, first_parent=True)
    return list(itertools.takewhile(
        lambda commit: commit.sha not in theirs and _is_ours(commit, desk, approval), line
    ))  # fmt: skip


def _is_ours(commit: Commit, desk: Desk, approval: UUID) -> bool:
    """With the trailers of a run, and of this approval."""
    alone = owner_of(
        [commit], ledger=frozenset(), fleet=desk.author, approvals=frozenset({approval})
    )
    return isinstance(alone, Ours) and _run(commit) is not None


def _run(commit: Commit) -> UUID | None:
    try:
        return UUID(trailers(commit.message).get(RUN, ""))
    except ValueError:
        return None


def approval_of(commit: Commit) -> UUID | None:
    """The approval that a commit with our trailers names."""
    said = trailers(commit.message)
    try:
        return UUID(said[APPROVAL]) if RUN in said else None
    except (KeyError, ValueError):
        return None
