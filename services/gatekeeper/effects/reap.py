"""Branches that nobody works on any more are removed: ours alone, and never one that lives (I-50).

A branch without a live approval and without an open pull request is marked; where it stands unchanged
a period later, and a fresh look finds the same, it is deleted. What is not provably ours stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.gatekeeper import ledger
from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.hearing import hear_once
from services.gatekeeper.jobs import CloseWork, Reap
from services.gatekeeper.ownership import Ours, owner_of
from services.gatekeeper.rebuilding.birth import is_rebuilt
from services.gatekeeper.rebuilding.working import approval_of, branch_of, ended_approval
from services.gatekeeper.roles import Unreadable, is_fleet
from services.gatekeeper.rows import our_commits
from services.gatekeeper.tables import Approval, Heard, Pull
from shared.errors import TryLater
from shared.git.commits import commits_between, read_commit
from shared.git.push import delete_branch
from shared.jobs import JobContext, Outcome, nothing
from shared.messages import Repo
from shared.messages.objects import PullRequest
from shared.store import Handling

BRANCHES = "gatefleet/issue-"
ORPHAN = "orphan:"


@dataclass(frozen=True)
class _Orphans:
    """Branches to be marked now, and those whose mark is old enough."""

    marked: tuple[str, ...]
    ripe: Mapping[str, str]


class Reaper:
    """Carries out `Reap`."""

    def __init__(self, desk_of: Callable[[Repo], Desk], *, period: timedelta) -> None:
        self._desk_of = desk_of
        self._period = period

    async def reap(self, job: Reap, at: JobContext) -> Outcome[CloseWork]:
        """Delete what was marked a period ago and is still nobody's; mark what is new."""
        desk = self._desk_of(job.repo)
        if not await desk.store.run(lambda session: is_rebuilt(session, job.repo.id)):
            return nothing  # what lives is not known yet
        branches = await desk.forge.branches(BRANCHES)
        opened = [
            each for each in await desk.forge.open_pull_requests()
            if branch_of(each.head_ref) is not None and each.head_repo == str(desk.repo)
        ]  # fmt: skip
        kept = {each.head_ref for each in opened}
        orphans = await desk.store.run(lambda session: self._orphans(session, desk, branches, kept))
        if orphans.ripe:
            await self._delete(desk, orphans.ripe)
        replaced = [close for pull in opened if (close := await _replaced(desk, pull)) is not None]

        def outcome(handling: Handling) -> list[CloseWork]:
            _mark(handling, job.repo, orphans)
            return replaced

        return outcome

    def _orphans(
        self, session: Session, desk: Desk, branches: Mapping[str, str], kept: set[str]
    ) -> _Orphans:
        live = {approval.hex[:12] for approval in ledger.live_approvals(session, desk.repo.id)}
        marked, ripe = [], {}
        for branch, head in branches.items():
            named = branch_of(branch)
            if named is None or named[1] in live or branch in kept:
                continue
            key = f"{ORPHAN}{branch}:{head}"
            row = session.get(Heard, (desk.repo.id, key))
            marked.append(key)
            if row is not None and row.at + self._period <= desk.clock.now():
                ripe[branch] = head
        return _Orphans(tuple(marked), ripe)

    async def _delete(self, desk: Desk, ripe: Mapping[str, str]) -> None:
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{desk.repo}: {policy.cause}")
        await desk.mirror.fetch()
        for branch, head in ripe.items():
            if not await _is_ours(desk, policy, branch, head):
                continue
            now = await desk.forge.pull_requests_of_branch(branch)  # the second, fresh look
            if any(each.state == "open" for each in now):
                continue
            await desk.may_act()
            remote = desk.remote(policy.branch, await desk.token())
            await delete_branch(desk.mirror.git_dir, remote, branch=branch, expected=head)


async def _is_ours(desk: Desk, policy: PolicyAt, branch: str, head: str) -> bool:
    """Every commit that it adds is in the ledger, or names the approval that the branch is named for."""
    git, named = desk.mirror.git_dir, branch_of(branch)
    if named is None or not await desk.mirror.has(head):
        return False
    approval = approval_of(await read_commit(git, head))
    if approval is None or not approval.hex.startswith(named[1]):
        return False
    commits = await commits_between(git, policy.tip, head, first_parent=False)
    ours = await desk.store.run(lambda session: our_commits(session, desk.repo.id))
    found = owner_of(commits, ledger=ours, fleet=desk.author, approvals=frozenset({approval}))
    return isinstance(found, Ours)


async def _replaced(desk: Desk, pull: PullRequest) -> CloseWork | None:
    """An open pull request of ours that is not known here, where a newer approval lives: it is closed
    as it would have been when that was given."""
    named = branch_of(pull.head_ref)
    if named is None or not is_fleet(pull.author, await desk.fleet()):
        return None

    def is_replaced(session: Session) -> bool:
        record = ledger.live(session, desk.repo.id, named[0])
        known = session.get(Pull, (desk.repo.id, pull.number)) is not None
        return not known and record is not None and not record.approval.hex.startswith(named[1])

    if not await desk.store.run(is_replaced):
        return None
    approval: UUID | None = await ended_approval(desk, pull)
    if approval is None or await desk.store.run(lambda session: _lives(session, approval)):
        return None
    return CloseWork(repo=desk.repo, issue=named[0], approval=approval)


def _lives(session: Session, approval: UUID) -> bool:
    row = session.get(Approval, approval)
    return row is not None and row.ended is None


def _mark(at: Handling, repo: Repo, orphans: _Orphans) -> None:
    """Remember since when they stand there; a mark of what is gone, moved or lives again goes."""
    old = (Heard.repo_id == repo.id) & Heard.what.startswith(ORPHAN, autoescape=True)
    at.session.execute(delete(Heard).where(old & Heard.what.not_in(orphans.marked)))
    for key in orphans.marked:
        hear_once(at, repo.id, key)
