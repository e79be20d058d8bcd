"""Reconcile: everything open, and our own pull requests closed of late, is read and said again.

So a subset of webhooks may be lost and a new consumer may come late: within one period all is as if
nothing had happened.
"""

from datetime import timedelta
from typing import TypeAlias

from sqlalchemy.orm import Session

from services.github_ingest.deliveries import forget_old
from services.github_ingest.here import FLEET_PREFIX
from services.github_ingest.looks import Look, Reconcile, Restate
from services.github_ingest.publishing import live
from shared.forge.port import Reader
from shared.jobs import JobContext, Outcome
from shared.messages.observed import IssueObserved, PullRequestObserved
from shared.store import Handling

CLOSED_SINCE = timedelta(days=30)

ToLookAt: TypeAlias = Look | Restate


class Reconciling:
    """The duty `reconcile`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def reconcile(self, _job: Reconcile, at: JobContext) -> Outcome[ToLookAt]:
        """Commit the looks; they say what they find even when it is nothing new."""
        issues = {each.number for each in await self._reader.open_issues()}
        pulls = {each.number for each in await self._reader.open_pull_requests()}
        closed = await self._reader.closed_pull_requests(
            at.clock.now() - CLOSED_SINCE, head_prefix=FLEET_PREFIX
        )
        pulls |= {each.number for each in closed}

        def outcome(handling: Handling) -> list[ToLookAt]:
            forget_old(handling.session, handling.now)
            missing_issues, missing_pulls = _missed(handling.session, issues, pulls)
            return [
                Restate(what="repository", source="reconcile"),
                *(Restate(what="issue", key=str(n), source="reconcile") for n in sorted(issues)),
                *(
                    Restate(what="pull_request", key=str(n), source="reconcile")
                    for n in sorted(pulls)
                ),
                *(Look(what="issue", key=str(n), source="reconcile") for n in missing_issues),
                *(Look(what="pull_request", key=str(n), source="reconcile") for n in missing_pulls),
            ]

        return outcome


def _missed(session: Session, issues: set[int], pulls: set[int]) -> tuple[list[int], list[int]]:
    """What was said to be open and is not in the lists any more: its closing was missed."""
    known_issues = {each.issue.number for each in live(session, IssueObserved)}
    known_pulls = {each.pull_request.number for each in live(session, PullRequestObserved)}
    return sorted(known_issues - issues), sorted(known_pulls - pulls)
