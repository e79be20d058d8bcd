"""An approval ended before its work was merged: what it left on the forge is put away."""

from collections.abc import Callable

from services.gatekeeper.commits import branch_name
from services.gatekeeper.desk import Desk
from services.gatekeeper.jobs import AssessPull, CloseWork
from services.gatekeeper.ownership import Ours, owner_of
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.rows import our_commits, pull_of_approval
from shared.errors import TryLater
from shared.git.commits import commits_between
from shared.git.push import delete_branch
from shared.jobs import JobContext, Outcome, nothing
from shared.messages import Repo


class Closer:
    """Carries out `CloseWork`."""

    def __init__(self, desk_of: Callable[[Repo], Desk]) -> None:
        self._desk_of = desk_of

    async def close_work(self, job: CloseWork, at: JobContext) -> Outcome[AssessPull]:
        """Close the pull request; a branch of ours that never got one is deleted."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        pull = await desk.store.run(
            lambda session: pull_of_approval(session, job.repo.id, job.approval)
        )
        if pull is not None:
            if pull.state == "open" and not pull.taken_over:
                await desk.forge.close_pull_request(pull.number)
            return lambda handling: [AssessPull(repo=job.repo, pull=pull.number)]
        branch = branch_name(job.issue, job.approval)
        head = await desk.forge.branch_sha(branch)
        if head is None:
            return nothing
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{job.repo}: {policy.cause}")
        if not await self._ours(desk, policy.tip, head, job):
            return nothing
        opened = await desk.forge.pull_requests_of_branch(branch)
        if not opened:
            remote = desk.remote(policy.branch, await desk.token())
            await delete_branch(desk.mirror.git_dir, remote, branch=branch, expected=head)
        me = await desk.fleet()
        for each in opened:  # opened by us, but the crash came before we had written it down
            if each.state == "open" and each.author.id in me.user_ids:
                await desk.forge.close_pull_request(each.number)
        return nothing

    async def _ours(self, desk: Desk, tip: str, head: str, job: CloseWork) -> bool:
        """Only what is provably ours is deleted; a person's commit stays where it is."""
        await desk.mirror.fetch()
        commits = await commits_between(desk.mirror.git_dir, tip, head, first_parent=False)
        ours = await desk.store.run(lambda session: our_commits(session, job.repo.id))
        approvals = frozenset({job.approval})
        found = owner_of(commits, ledger=ours, fleet=desk.author, approvals=approvals)
        return isinstance(found, Ours)
