"""How a change makes itself known: an entry of the timeline, and a webhook with whole objects."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.webhooks import Webhooks
from services.local_forge.shape.issues import issue_json
from services.local_forge.shape.people import Json, repository_json, user_json
from services.local_forge.shape.pulls import pull_json
from services.local_forge.tables import Event, Issue, Repository


class Voice:
    """Timeline and webhooks, written in the transaction of the change itself."""

    def __init__(self, context: Context, webhooks: Webhooks) -> None:
        self._context = context
        self._webhooks = webhooks

    def record(self, issue: Issue, kind: str, *, actor: Actor, **detail: Any) -> Event:
        """Add an entry to the issue's timeline."""
        with self._context.store.transaction() as session:
            event = Event(
                issue_id=issue.id,
                kind=kind,
                actor_id=actor.account.id,
                app_id=actor.app_id,
                created_at=self._context.now(),
                detail=detail,
            )
            session.add(event)
            session.flush()
            return event

    def tell(self, repo: Repository, event: str, *, actor: Actor, payload: Json) -> None:
        """Send an event, with the repository and who did it."""
        links = self._context.links
        about = {
            "repository": repository_json(repo, links),
            "sender": user_json(actor.account, links),
        }
        self._webhooks.emit(repo, event, {**payload, **about})

    def tell_issue(self, issue: Issue, action: str, *, actor: Actor, **more: Any) -> None:
        """Send `issues`, or `pull_request` where it is one."""
        links = self._context.links
        body: Json = {"issue": issue_json(issue, links)}
        if issue.pull is not None:
            body = {"number": issue.number, "pull_request": pull_json(issue, links)}
        event = "issues" if issue.pull is None else "pull_request"
        payload = {"action": action, **body, **more}
        self.tell(issue.repository, event, actor=actor, payload=payload)


class Timeline:
    """Reads what was recorded."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, issue: Issue) -> Sequence[Event]:
        """All entries, oldest first."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(Event).where(Event.issue_id == issue.id).order_by(Event.id)
            )
            return found.all()

    def drop_comment(self, issue: Issue, comment_id: int) -> None:
        """A deleted comment leaves the timeline, as on GitHub."""
        with self._context.store.transaction() as session:
            for event in self.of(issue):
                if event.kind == "commented" and event.detail.get("comment_id") == comment_id:
                    session.execute(delete(Event).where(Event.id == event.id))
