"""Webhooks: who listens, what waits to be sent, and the log of what was sent."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import delete, func, select
from sqlalchemy.orm import defer

from services.local_forge.domain.context import Context
from services.local_forge.problems import Invalid, Unknown
from services.local_forge.shape.people import repository_json, user_json
from services.local_forge.tables import Account, Delivery, Hook, Repository

EVENTS = frozenset(
    {
        "check_run",
        "issue_comment",
        "issues",
        "label",
        "ping",
        "pull_request",
        "pull_request_review",
        "push",
        "repository",
        "status",
    }
)
_BODIES = (
    Delivery.payload,
    Delivery.request_headers,
    Delivery.response_headers,
    Delivery.response_body,
)
WAITING, SENT = "waiting", "sent"
_BAD_URL = "{repo}: {url!r} is no address for a webhook; use http:// or https://"
_BAD_EVENT = "{repo}: there is no event {name!r}; use '*' or some of {known}"


class Webhooks:
    """Hooks and their deliveries; `waiting` wakes who sends them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.waiting = asyncio.Event()
        self._none_waits = False

    def hooks(self, repo: Repository) -> Sequence[Hook]:
        """All hooks of a repository."""
        if (residents := self._context.store.residents()) is not None:
            return [hook for hook in residents.hooks if hook.repository_id == repo.id]
        with self._context.store.reading() as session:
            found = session.scalars(
                select(Hook).where(Hook.repository_id == repo.id).order_by(Hook.id)
            )
            return found.all()

    def hook(self, repo: Repository, number: int) -> Hook:
        """One hook; Unknown if it is not this repository's."""
        with self._context.store.reading() as session:
            found = session.get(Hook, number)
        if found is None or found.repository_id != repo.id:
            raise Unknown
        return found

    def create(
        self, repo: Repository, *, sender: Account, url: str, secret: str, events: list[str]
    ) -> Hook:
        """A new active hook, which gets a ping first."""
        if not url.startswith(("http://", "https://")):
            said = _BAD_URL.format(repo=repo.full_name, url=url)
            raise Invalid(said, field="url", resource="Hook")
        unknown = [name for name in events if name != "*" and name not in EVENTS]
        if unknown or not events:
            known = ", ".join(sorted(EVENTS))
            name = unknown[0] if unknown else ""
            said = _BAD_EVENT.format(repo=repo.full_name, name=name, known=known)
            raise Invalid(said, field="events", resource="Hook")
        now = self._context.now()
        with self._context.store.transaction() as session:
            hook = Hook(
                repository_id=repo.id,
                url=url,
                secret=secret,
                events=events,
                active=True,
                created_at=now,
                updated_at=now,
            )
            session.add(hook)
            session.flush()
            links = self._context.links
            payload = {
                "zen": "Say why.",
                "hook_id": hook.id,
                "repository": repository_json(repo, links),
                "sender": user_json(sender, links),
            }
            self._queue(hook, "ping", payload)
            return hook

    def only(self, repo: Repository, *, sender: Account, url: str, secret: str) -> None:
        """Send every event there, signed with `secret`, and nowhere else; what waits there is kept."""
        active = [hook for hook in self.hooks(repo) if hook.active]
        if [(hook.url, hook.secret, hook.events) for hook in active] == [(url, secret, ["*"])]:
            return
        self.retire(repo)
        self.create(repo, sender=sender, url=url, secret=secret, events=["*"])

    def retire(self, repo: Repository) -> None:
        """Send nothing more to the hooks there are: their listeners have gone."""
        with self._context.store.transaction() as session:
            for hook in session.scalars(select(Hook).where(Hook.repository_id == repo.id)):
                hook.active = False

    def emit(self, repo: Repository, event: str, payload: dict[str, Any]) -> None:
        """Queue an event for every active hook of the repository that asked for it."""
        for hook in self.hooks(repo):
            if hook.active and ("*" in hook.events or event in hook.events):
                self._queue(hook, event, payload)

    def _queue(self, hook: Hook, event: str, payload: dict[str, Any]) -> None:
        action = payload.get("action")
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        row = self._row(hook.id, event=event, action=action, text=text)
        with self._context.store.transaction() as session:
            session.add(row)
            session.flush()
            row.guid = str(uuid5(NAMESPACE_URL, f"{self._context.links.base}/delivery/{row.id}"))
        self._wake()

    def _row(self, hook_id: int, *, event: str, action: str | None, text: str) -> Delivery:
        return Delivery(
            hook_id=hook_id,
            guid="",
            event=event,
            action=action,
            payload=text,
            redelivery=False,
            state=WAITING,
            status="pending",
            status_code=0,
            request_headers={},
            response_headers={},
            response_body="",
            duration_s=0.0,
            created_at=self._context.now(),
            delivered_at=None,
        )

    def deliveries(self, hook: Hook) -> Sequence[Delivery]:
        """What was sent to a hook, newest first; without payload and response, which may be long."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(Delivery)
                .where(Delivery.hook_id == hook.id, Delivery.state == SENT)
                .options(*(defer(column, raiseload=True) for column in _BODIES))
                .order_by(Delivery.id.desc())
            )
            return found.all()

    def delivery(self, hook: Hook, number: int) -> Delivery:
        """One entry of the log."""
        with self._context.store.reading() as session:
            found = session.get(Delivery, number)
        if found is None or found.hook_id != hook.id or found.state != SENT:
            raise Unknown
        return found

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Queue the same payload again, under the same guid."""
        with self._context.store.transaction() as session:
            row = self._row(
                delivery.hook_id,
                event=delivery.event,
                action=delivery.action,
                text=delivery.payload,
            )
            row.guid, row.redelivery = delivery.guid, True
            session.add(row)
            session.flush()
        self._wake()
        return row

    def _wake(self) -> None:
        self._none_waits = False
        self.waiting.set()

    def next_waiting(self) -> Delivery | None:
        """The oldest delivery that was not sent."""
        with self._context.store.reading() as session:
            return session.scalar(
                select(Delivery).where(Delivery.state == WAITING).order_by(Delivery.id).limit(1)
            )

    def count_waiting(self) -> int:
        """How many were not sent; asked often, so that none is remembered until one is queued."""
        if self._none_waits:
            return 0
        with self._context.store.reading() as session:
            query = select(func.count()).select_from(Delivery).where(Delivery.state == WAITING)
            count = session.scalar(query) or 0
        self._none_waits = count == 0
        return count

    def settle(self, delivery: Delivery, **outcome: Any) -> None:
        """Write down what came of one; the fields are those of `tables.Delivery`."""
        with self._context.store.transaction() as session:
            row = session.get_one(Delivery, delivery.id)
            for name, value in outcome.items():
                setattr(row, name, value)
            row.state, row.delivered_at = SENT, self._context.now()

    def forget(self, delivery: Delivery) -> None:
        """Leave no trace of one (a fault)."""
        with self._context.store.transaction() as session:
            session.execute(delete(Delivery).where(Delivery.id == delivery.id))
