"""What time does: what approvals rest on is read again, and the kill switch looked at."""

from sqlalchemy import select

from services.gatekeeper.jobs import AssessIssue, AssessPull, Examine, LookAtStop, Reap
from services.gatekeeper.tables import Approval, Pull, Repository
from shared.store import Handling


def reread(at: Handling) -> list[AssessIssue | AssessPull | Examine]:
    """A lost webhook or an unreadable answer is made good here at the latest."""
    jobs: list[AssessIssue | AssessPull | Examine] = []
    for repository in at.session.scalars(select(Repository)):
        repo = repository.repo
        jobs.append(Examine(repo=repo))
        live = select(Approval.issue).where(Approval.repo_id == repo.id, Approval.ended.is_(None))
        jobs += [AssessIssue(repo=repo, issue=number) for number in at.session.scalars(live)]
        pulls = select(Pull.number).where(Pull.repo_id == repo.id, Pull.state == "open")
        jobs += [AssessPull(repo=repo, pull=number) for number in at.session.scalars(pulls)]
    return jobs


def look_at_stop(at: Handling) -> list[LookAtStop]:
    """I-19: within seconds, whatever webhooks do."""
    repos = [row.repo for row in at.session.scalars(select(Repository))]
    return [LookAtStop(repo=repo) for repo in repos]


def reap(at: Handling) -> list[Reap]:
    """I-50: what nobody works on any more goes after one period."""
    return [Reap(repo=row.repo) for row in at.session.scalars(select(Repository))]
