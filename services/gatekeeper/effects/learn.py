"""Before an effect: an issue that is older than the memory is looked through first."""

from services.gatekeeper.desk import Desk
from services.gatekeeper.jobs import AssessIssue
from services.gatekeeper.rebuilding.birth import before, is_known
from shared.errors import TryLater
from shared.jobs import JobContext

UNLEARNT = "{repo}#{issue}: what stands there of earlier work is looked up first"


async def learn_issue(desk: Desk, number: int, at: JobContext) -> None:
    """TryLater while an issue of an earlier life was not looked through yet; asks for that look."""
    repo = desk.repo
    if await desk.store.run(lambda session: is_known(session, repo.id, number)):
        return
    issue = await desk.forge.issue(number)
    if issue is None:
        return
    if await desk.store.run(lambda session: before(session, repo.id, issue.created_at)):
        await at.commit(lambda handling: [AssessIssue(repo=repo, issue=number)])
        raise TryLater(UNLEARNT.format(repo=repo, issue=number))
