"""One poll: what changed since the last answer, where the default branch stands, and our own heads.

`since` stays as it is while nothing changes, because the ETag belongs to the exact address. It goes on
to the newest change that was listed, less a minute: what changed in the same second is listed again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.github_ingest.here import Here
from services.github_ingest.looking import own_pull_requests
from services.github_ingest.looks import Look, Poll
from services.github_ingest.publishing import last
from services.github_ingest.tables import LOOKS
from services.github_ingest.timetable import Pace, Row, next_poll, plan, standing
from shared.forge.facts import Changed
from shared.forge.port import Reader
from shared.jobs import JobContext, Outcome
from shared.messages.base import Repo
from shared.messages.objects import Issue
from shared.messages.observed import RepositoryObserved
from shared.store import Handling, Store

OVERLAP = timedelta(seconds=60)
FIRST_LOOK_BACK = timedelta(minutes=10)
"""At the very first poll: more than two clocks differ by; all that is open is reconciled anyway."""


class Polling:
    """The duty `poll`."""

    def __init__(self, reader: Reader, store: Store, here: Here, *, pace: Pace) -> None:
        self._reader = reader
        self._store = store
        self._here = here
        self._pace = pace

    async def poll(self, _job: Poll, at: JobContext) -> Outcome[Look]:
        """Commit a look at everything that moved, and when to poll next."""
        began, repo = at.clock.now(), await self._here.ask()
        before = await self._store.run(lambda session: standing(session, "poll"))
        since = before.since or began - FIRST_LOOK_BACK
        changed = await self._reader.issues_since(since, etag=before.etag)
        known = await self._store.run(lambda session: last(session, RepositoryObserved, ""))
        head = None if known is None else await self._reader.branch_sha(known.default_branch)

        def outcome(handling: Handling) -> list[Look]:
            looks = _moved(handling.session, changed)
            if known is None or head != known.head_sha:
                looks.append(Look(what="repository", source="poll"))
            looks += _own_heads(handling.session, repo)
            row = Row(*advance(since, changed, before.etag), 0 if looks else before.quiet + 1)
            seed = f"{repo} {began.isoformat()}"
            due = next_poll(self._pace, row.quiet, seed, now=handling.now, rate=self._reader.rate())
            plan(handling.session, "poll", due, row)
            return looks

        return outcome


def advance(since: datetime, changed: Changed, etag: str | None) -> tuple[datetime, str | None]:
    """Where the next poll begins, and the ETag that belongs to that."""
    if changed.not_modified:
        return since, etag
    newest = max((issue.updated_at for issue in changed.issues), default=since)
    later = max(since, newest - OVERLAP)
    return later, changed.etag if later == since else None


def _moved(session: Session, changed: Changed) -> list[Look]:
    """Looks at what was listed, but for issues that were read well after their last change."""
    issues = [issue for issue in changed.issues if not _was_read(session, issue)]
    return [
        *(Look(what="issue", key=str(issue.number), source="poll") for issue in issues),
        *_looks_at("pull_request", changed.pull_requests),
    ]


def _was_read(session: Session, issue: Issue) -> bool:
    """The forge's time has seconds only: a read in the same minute may have missed something."""
    found = session.execute(
        select(LOOKS.c.began_at, LOOKS.c.version).where(LOOKS.c.scope == f"issue:{issue.number}")
    ).first()
    if found is None or found.version != issue.updated_at:
        return False
    return bool(found.began_at > issue.updated_at + OVERLAP)


def _looks_at(what: str, numbers: Sequence[int]) -> list[Look]:
    return [
        Look.model_validate({"what": what, "key": str(number), "source": "poll"})
        for number in numbers
    ]


def _own_heads(session: Session, repo: Repo) -> list[Look]:
    """Checks do not move an issue's time, nor does a mergeability that is worked out later."""
    looks: list[Look] = []
    for pull in own_pull_requests(session, repo):
        if pull.mergeable is None:
            looks.append(Look(what="pull_request", key=str(pull.number), source="poll"))
        else:
            looks.append(Look(what="commit", key=pull.head_sha, source="poll"))
    return looks
