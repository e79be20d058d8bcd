"""Carries out looks: read one thing, compare with what was said, say what is new.

Reading happens outside a transaction, so two looks at one thing may end in another order than they
began; the one that began earlier then asks for a new look instead of saying what may be old.
"""

from datetime import datetime
from typing import TypeAlias

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from services.github_ingest.here import FLEET_PREFIX, Here
from services.github_ingest.looks import Look, Restate, What
from services.github_ingest.publishing import (
    Observed,
    forget_everything,
    gone_comments,
    last,
    live,
    live_pull_requests,
    say,
)
from services.github_ingest.reading import (
    as_gone,
    read_branch,
    read_issue,
    read_pull_request,
    read_repository,
)
from services.github_ingest.tables import LOOKS
from shared.errors import TryLater
from shared.forge.port import Reader
from shared.jobs import JobContext, Outcome
from shared.messages.base import Repo
from shared.messages.objects import PullRequest
from shared.messages.observed import (
    CheckObserved,
    CommentObserved,
    IssueObserved,
    PullRequestObserved,
    PushObserved,
    RepositoryObserved,
    ReviewObserved,
    Source,
)
from shared.store import Handling, Store

log = structlog.get_logger()

LAGS = "{repo}#{key}: the forge shows an older state than it announced; it is read again"
LAG_TRIES = 5
"""About fifteen seconds; after that what the forge shows is taken as it is."""

Seen: TypeAlias = (
    RepositoryObserved | IssueObserved | CommentObserved | PullRequestObserved | ReviewObserved
    | CheckObserved | PushObserved | Look | Restate
)  # fmt: skip


class Looking:
    """The duties `look` and `restate`."""

    def __init__(self, reader: Reader, store: Store, here: Here) -> None:
        self._reader = reader
        self._store = store
        self._here = here

    async def look(self, job: Look, at: JobContext) -> Outcome[Seen]:
        """Say what is new of one thing."""
        match job.what:
            case "repository":
                return await self._repository(job, at)
            case "branch":
                return await self._branch(job, at)
            case "issue":
                return await self._issue(job, at)
            case "pull_request":
                return await self._pull_request(job, at)
            case "commit":
                return await self._commit(job, at)

    async def restate(self, job: Restate, at: JobContext) -> Outcome[Seen]:
        """Say one thing as it is now, new or not."""
        return await self.look(job, at)

    async def _issue(self, job: Look, at: JobContext) -> Outcome[Seen]:
        began, repo, number = at.clock.now(), await self._here.ask(), int(job.key)
        seen = await read_issue(self._reader, repo, number, source=job.source)
        _insist(job, at, repo, None if seen is None else seen.version)

        def outcome(handling: Handling) -> list[Seen]:
            if not _newest(handling, job, began, None if seen is None else seen.version):
                return [again(job)]
            if seen is None:
                said = last(handling.session, IssueObserved, job.key)
                return [*say(handling, [as_gone(said, job.source)] if said else [])]
            gone = gone_comments(handling.session, number, seen.comments)
            return [*say(handling, [seen.issue, *seen.comments, *gone], forced=job.forced)]

        return outcome

    async def _pull_request(self, job: Look, at: JobContext) -> Outcome[Seen]:
        began, repo, number = at.clock.now(), await self._here.ask(), int(job.key)
        seen = await read_pull_request(self._reader, repo, number, source=job.source)
        _insist(job, at, repo, None if seen is None else seen.version)

        def outcome(handling: Handling) -> list[Seen]:
            if not _newest(handling, job, began, None if seen is None else seen.version):
                return [again(job)]
            if seen is None:
                log.warning(
                    "pull_request_gone", correlation=f"{repo}#{number}", next="nothing said"
                )
                return []
            gone = gone_comments(handling.session, number, seen.comments)
            pull = seen.pull_request.pull_request
            found: list[Observed] = [seen.pull_request, *seen.reviews, *seen.comments, *gone]
            said: list[Seen] = [*say(handling, found, forced=job.forced)]
            return [*said, beside(job, "commit", pull.head_sha)] if pull.state == "open" else said

        return outcome

    async def _commit(self, job: Look, at: JobContext) -> Outcome[Seen]:
        """The checks of a head that an open pull request has; other commits are not watched."""
        began, repo = at.clock.now(), await self._here.ask()
        checks = await self._reader.checks(job.key) if await self._is_watched(job.key) else ()

        def outcome(handling: Handling) -> list[Seen]:
            if not _newest(handling, job, began, None):
                return [again(job)]
            numbers = live_pull_requests(handling.session, job.key)
            found = (
                CheckObserved(repo=repo, check=each, pull_requests=numbers, source=job.source)
                for each in checks
            )
            return [*say(handling, found, forced=job.forced)] if numbers else []

        return outcome

    async def _is_watched(self, sha: str) -> bool:
        return bool(await self._store.run(lambda session: live_pull_requests(session, sha)))

    async def _branch(self, job: Look, at: JobContext) -> Outcome[Seen]:
        began, repo = at.clock.now(), await self._here.ask()
        push = await read_branch(self._reader, repo, job.key, source=job.source)

        def outcome(handling: Handling) -> list[Seen]:
            if not _newest(handling, job, began, None):
                return [again(job)]
            return [*say(handling, [push], forced=job.forced)]

        return outcome

    async def _repository(self, job: Look, at: JobContext) -> Outcome[Seen]:
        """The repository; when its head moved, also the branch and what may conflict with it."""
        began = at.clock.now()
        facts = await self._reader.repository()
        before = await self._store.run(lambda session: last(session, RepositoryObserved, ""))
        other = before is not None and before.repo.id != facts.repo.id
        before = None if other else before
        self._here.repo = facts.repo
        if facts.head_sha is None:
            log.warning("repository_empty", correlation=str(facts.repo),
                        next="nothing is said of it until it has a commit")  # fmt: skip
            return lambda _handling: []
        found = await read_repository(self._reader, facts, facts.head_sha, before)
        seen = found.model_copy(update={"seen_at": began})

        def outcome(handling: Handling) -> list[Seen]:
            if other:
                log.warning("repository_replaced", correlation=str(facts.repo),
                            next="what was known of the one before is forgotten")  # fmt: skip
                forget_everything(handling.session)
            if not _newest(handling, job, began, None):
                return [again(job)]
            said: list[Seen] = [*say(handling, [seen], forced=job.forced)]
            if before is not None and before.head_sha == seen.head_sha:
                return said
            ours = (own_pull_requests(handling.session, facts.repo)) if before else []
            moved = [beside(job, "pull_request", str(pull.number)) for pull in ours]
            return [*said, beside(job, "branch", facts.default_branch), *moved]

        return outcome


def own_pull_requests(session: Session, repo: Repo) -> list[PullRequest]:
    """Open pull requests from the fleet's branches in this repository, as they were said last."""
    pulls = (each.pull_request for each in live(session, PullRequestObserved))
    return [
        pull
        for pull in pulls
        if pull.head_ref.startswith(FLEET_PREFIX) and pull.head_repo == str(repo)
    ]


def again(job: Look) -> Look:
    """The same look once more, without haste: what it waited for has been seen."""
    return type(job)(what=job.what, key=job.key, source=job.source)


def beside(job: Look, what: What, key: str) -> Look:
    """A look at what belongs to it, of the same kind."""
    source: Source = job.source
    return type(job)(what=what, key=key, source=source)


def _insist(job: Look, at: JobContext, repo: Repo, version: datetime | None) -> None:
    """TryLater when the forge answers with less than it has announced."""
    behind = job.least is not None and version is not None and version < job.least
    if behind and at.attempt <= LAG_TRIES:
        raise TryLater(LAGS.format(repo=repo, key=job.key))


def _newest(handling: Handling, job: Look, began: datetime, version: datetime | None) -> bool:
    """Note this look; False when a newer one has been here already."""
    session, here = handling.session, LOOKS.c.scope == job.scope()
    known = session.scalar(select(LOOKS.c.began_at).where(here))
    # A time that lies ahead was written by a clock that was set back since: to wait for it would be to
    # read again and again until then.
    if known is not None and began < known <= handling.now:
        return False
    session.execute(delete(LOOKS).where(here))
    session.execute(insert(LOOKS).values(scope=job.scope(), began_at=began, version=version))
    return True
