"""Check runs: only an application's own account may make one, and only it may change it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from services.local_forge.domain.accounts import BOT
from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.repositories import Repositories
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.voice import Voice
from services.local_forge.problems import Forbidden, Invalid, Unknown
from services.local_forge.shape.checks import check_json
from services.local_forge.tables import App, CheckRun, Repository

CheckStatus = Literal["queued", "in_progress", "completed"]
Conclusion = Literal[
    "success",
    "failure",
    "neutral",
    "cancelled",
    "skipped",
    "timed_out",
    "action_required",
    "stale",
]
ONLY_APPS = "You must authenticate via a GitHub App."
NOT_YOURS = "{repo}: check run {number} belongs to another application; only that one changes it"
NO_COMMIT = "No commit found for SHA: {sha}"
NO_CONCLUSION = "{name}: a completed check run needs a conclusion"


@dataclass(frozen=True, slots=True)
class CheckChange:
    """What is set; None leaves it as it is. A conclusion makes the run completed."""

    name: str | None = None
    external_id: str | None = None
    status: CheckStatus | None = None
    conclusion: Conclusion | None = None
    details_url: str | None = None
    output: dict[str, Any] = field(default_factory=dict)
    started_at: datetime | None = None
    completed_at: datetime | None = None


class Checks:
    """Check runs of commits."""

    def __init__(
        self, context: Context, *, roles: Roles, voice: Voice, repositories: Repositories
    ) -> None:
        self._context = context
        self._roles = roles
        self._voice = voice
        self._repositories = repositories

    def of(self, repo: Repository, sha: str) -> Sequence[CheckRun]:
        """All check runs of a commit, newest first."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(CheckRun)
                .where(CheckRun.repository_id == repo.id, CheckRun.head_sha == sha)
                .order_by(CheckRun.id.desc())
            )
            return found.all()

    def latest(self, repo: Repository, sha: str) -> list[CheckRun]:
        """The newest of each name and application, by name."""
        newest: dict[tuple[str, int], CheckRun] = {}
        for check in self.of(repo, sha):
            newest.setdefault((check.name, check.app_id), check)
        return [newest[key] for key in sorted(newest)]

    def get(self, repo: Repository, number: int) -> CheckRun:
        """One check run by its id."""
        with self._context.store.reading() as session:
            found = session.get(CheckRun, number)
        if found is None or found.repository_id != repo.id:
            raise Unknown
        return found

    async def create(
        self, repo: Repository, *, actor: Actor, sha: str, name: str, ask: CheckChange
    ) -> CheckRun:
        """A new run on a commit that exists; needs an application with write."""
        app = self._application(repo, actor)
        if await self._repositories.git(repo).resolve(sha) != sha:
            raise Invalid(NO_COMMIT.format(sha=sha), field="head_sha", resource="CheckRun")
        with self._context.store.transaction() as session:
            check = CheckRun(
                repository_id=repo.id,
                head_sha=sha,
                name=name,
                external_id="",
                status="queued",
                output={},
                app_id=app.id,
                started_at=self._context.now(),
            )
            self._apply(check, ask)
            session.add(check)
            session.flush()
            session.refresh(check)
            self._tell(repo, check, action="created", actor=actor)
            if check.status == "completed":
                self._tell(repo, check, action="completed", actor=actor)
            return check

    def update(
        self, repo: Repository, check: CheckRun, *, actor: Actor, ask: CheckChange
    ) -> CheckRun:
        """Change a run of one's own."""
        app = self._application(repo, actor)
        if app.id != check.app_id:
            raise Forbidden(NOT_YOURS.format(repo=repo.full_name, number=check.id))
        with self._context.store.transaction() as session:
            row = session.get_one(CheckRun, check.id)
            self._apply(row, ask)
            session.flush()
            if row.status == "completed":
                self._tell(repo, row, action="completed", actor=actor)
            return row

    def _application(self, repo: Repository, actor: Actor) -> App:
        if actor.app is None or actor.account.kind != BOT:
            raise Forbidden(ONLY_APPS)
        self._roles.require(repo, actor, "write")
        return actor.app

    def _apply(self, check: CheckRun, ask: CheckChange) -> None:
        status = "completed" if ask.conclusion is not None else ask.status
        if status == "completed" and ask.conclusion is None and check.conclusion is None:
            said = NO_CONCLUSION.format(name=check.name)
            raise Invalid(said, field="conclusion", resource="CheckRun", code="missing_field")
        for name in ("name", "external_id", "details_url", "started_at", "completed_at"):
            value = getattr(ask, name)
            if value is not None:
                setattr(check, name, value)
        check.output = {**check.output, **ask.output}
        if status is None:
            return
        check.status = status
        check.conclusion = ask.conclusion or (check.conclusion if status == "completed" else None)
        if status != "completed":
            check.completed_at = None
        elif ask.completed_at is None:
            check.completed_at = self._context.now()

    def _tell(self, repo: Repository, check: CheckRun, *, action: str, actor: Actor) -> None:
        shown = check_json(check, repo, self._context.links)
        payload = {"action": action, "check_run": shown}
        self._voice.tell(repo, "check_run", actor=actor, payload=payload)
