"""An issue that a writer declined is closed, as they would have done themselves."""

from collections.abc import Callable

from services.gatekeeper.desk import Desk
from services.gatekeeper.jobs import AssessIssue, DeclineIssue
from shared.jobs import JobContext, Outcome
from shared.messages import Repo


class Decliner:
    """Carries out `DeclineIssue`."""

    def __init__(self, desk_of: Callable[[Repo], Desk]) -> None:
        self._desk_of = desk_of

    async def decline_issue(self, job: DeclineIssue, at: JobContext) -> Outcome[AssessIssue]:
        """Close it, unless it is; that ends its approval like any other close."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        issue = await desk.forge.issue(job.issue)
        if issue is not None and issue.state == "open":
            await desk.forge.close_issue(job.issue)
        return lambda handling: [AssessIssue(repo=job.repo, issue=job.issue)]
