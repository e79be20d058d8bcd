"""Going through the repository once, when the memory of it begins: nothing waits for a webhook."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeAlias

from services.gatekeeper.decisions import assess_issue, assess_pull
from services.gatekeeper.decisions.assess_issue import Gate1
from services.gatekeeper.decisions.assess_pull import Gate2
from services.gatekeeper.decisions.examine import Doctor
from services.gatekeeper.desk import Desk
from services.gatekeeper.hearing import hear_once
from services.gatekeeper.jobs import AssessIssue, AssessPull, Examine, LookAtStop, Rebuild
from services.gatekeeper.rebuilding.birth import REBUILT, before, begin, is_known, is_rebuilt
from services.gatekeeper.rebuilding.recollecting import STATE_LABELS
from services.gatekeeper.rebuilding.working import branch_of
from services.gatekeeper.roles import Unreadable, is_fleet
from services.gatekeeper.tables import Pull, Repository
from shared.errors import TryLater
from shared.jobs import JobContext, Outcome, nothing
from shared.messages import Repo
from shared.messages.gate import RepositoryEvaluated
from shared.messages.objects import Issue
from shared.store import Handling

CLOSED_SINCE = timedelta(days=30)
BRANCHES = "gatefleet/issue-"

Said: TypeAlias = assess_issue.Said | assess_pull.Said | RepositoryEvaluated | LookAtStop


class Rebuilder:
    """Carries out `Rebuild`, with the eyes of those who look anyway."""

    def __init__(self, desk_of: Callable[[Repo], Desk]) -> None:
        self._desk_of = desk_of
        self._gate1, self._gate2, self._doctor = Gate1(desk_of), Gate2(desk_of), Doctor(desk_of)

    async def rebuild(self, job: Rebuild, at: JobContext) -> Outcome[Said]:
        """Take over, one by one, all that is ours; then say since when nothing is missing."""
        desk = self._desk_of(job.repo)
        if await desk.store.run(lambda session: is_rebuilt(session, job.repo.id)):
            return nothing
        await at.commit(await self._doctor.examine(Examine(repo=job.repo), at))
        for number in await self._issues(desk):
            await at.commit(await self._gate1.assess_issue(
                AssessIssue(repo=job.repo, issue=number), at
            ))  # fmt: skip
        for number in await self._pulls(desk, at):
            await at.commit(await self._gate2.assess_pull(
                AssessPull(repo=job.repo, pull=number), at
            ))  # fmt: skip
        return lambda handling: _rebuilt(handling, job.repo)

    async def _issues(self, desk: Desk) -> list[int]:
        """Open issues that the fleet has had to do with, as their labels and branches tell."""
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{desk.repo}: {policy.cause}")
        fleet = await desk.fleet()
        names = {*STATE_LABELS, policy.policy.labels.approved.casefold()}
        worked = {
            named[0] for ref in await desk.forge.branches(BRANCHES) if (named := branch_of(ref))
        }

        def concerns(issue: Issue) -> bool:
            labelled = any(label.casefold() in names for label in issue.labels)
            return labelled or issue.number in worked or is_fleet(issue.author, fleet)

        found = [each for each in await desk.forge.open_issues() if concerns(each)]
        return await desk.store.run(lambda session: [
            each.number for each in found
            if before(session, desk.repo.id, each.created_at)
            and not is_known(session, desk.repo.id, each.number)
        ])  # fmt: skip

    async def _pulls(self, desk: Desk, at: JobContext) -> list[int]:
        """Pull requests from our branches, open or closed of late, that are not known."""
        found = [each for each in await desk.forge.open_pull_requests() if branch_of(each.head_ref)]
        found += await desk.forge.closed_pull_requests(
            at.clock.now() - CLOSED_SINCE, head_prefix=BRANCHES
        )
        return await desk.store.run(lambda session: [
            each.number for each in found
            if before(session, desk.repo.id, each.created_at)
            and session.get(Pull, (desk.repo.id, each.number)) is None
        ])  # fmt: skip


def begin_each(repos: Sequence[Repo]) -> Callable[[Handling], list[Rebuild]]:
    """The tick that begins the memory of every repository, until it was gone through once."""

    def begin_memory(at: Handling) -> list[Rebuild]:
        for repo in repos:
            begin(at, repo.id)
        return [Rebuild(repo=repo) for repo in repos if not is_rebuilt(at.session, repo.id)]

    return begin_memory


def _rebuilt(at: Handling, repo: Repo) -> list[Said]:
    if not hear_once(at, repo.id, REBUILT):
        return []
    row = at.session.get(Repository, repo.id)
    said: list[Said] = [LookAtStop(repo=repo)]
    if row is None or row.protected is None:
        return said
    return [*said, RepositoryEvaluated(
        repo=repo, on=row.protected, findings=row.findings, at=at.now,
        remembers_since=begin(at, repo.id),
    )]  # fmt: skip
