"""Commit statuses: any writer may post any context, so a reader must look at the creator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.repositories import Repositories
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.voice import Voice
from services.local_forge.problems import Invalid
from services.local_forge.shape.checks import status_json
from services.local_forge.tables import Repository, Status

StatusState = Literal["error", "failure", "pending", "success"]
NO_COMMIT = "No commit found for SHA: {sha}"


@dataclass(frozen=True, slots=True)
class NewStatus:
    """A status to be."""

    state: StatusState
    context: str = "default"
    description: str | None = None
    target_url: str | None = None


class Statuses:
    """Statuses of commits."""

    def __init__(
        self, context: Context, *, roles: Roles, voice: Voice, repositories: Repositories
    ) -> None:
        self._context = context
        self._roles = roles
        self._voice = voice
        self._repositories = repositories

    def of(self, repo: Repository, sha: str) -> Sequence[Status]:
        """All statuses of a commit, newest first."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(Status)
                .where(Status.repository_id == repo.id, Status.sha == sha)
                .order_by(Status.id.desc())
            )
            return found.all()

    def latest(self, repo: Repository, sha: str) -> list[Status]:
        """The newest of each context, in the contexts' order."""
        newest: dict[str, Status] = {}
        for status in self.of(repo, sha):
            newest.setdefault(status.context, status)
        return [newest[context] for context in sorted(newest)]

    def combined(self, repo: Repository, sha: str) -> str:
        """failure if any failed, pending if any is open or there is none, else success."""
        states = {status.state for status in self.latest(repo, sha)}
        if states & {"error", "failure"}:
            return "failure"
        return "success" if states == {"success"} else "pending"

    async def create(self, repo: Repository, *, actor: Actor, sha: str, ask: NewStatus) -> Status:
        """Post one; needs write."""
        self._roles.require(repo, actor, "write")
        if await self._repositories.git(repo).resolve(sha) != sha:
            raise Invalid(NO_COMMIT.format(sha=sha), field="sha", resource="Status")
        with self._context.store.transaction() as session:
            status = Status(
                repository_id=repo.id,
                sha=sha,
                context=ask.context,
                state=ask.state,
                description=ask.description,
                target_url=ask.target_url,
                creator_id=actor.account.id,
                created_at=self._context.now(),
            )
            session.add(status)
            session.flush()
            session.refresh(status)
            shown = {**status_json(status, repo, self._context.links), "sha": sha}
            self._voice.tell(repo, "status", actor=actor, payload=shown)
            return status
