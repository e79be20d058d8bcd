"""The webhook alone, over a database in memory: what it answers, and what it would look at."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import httpx
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from services.github_ingest.tables import DELIVERIES, METADATA
from services.github_ingest.webhook import Bounds, Webhook
from shared.bus import Tick
from shared.clock import FakeClock
from shared.jobs import Said
from shared.store import Handling
from tests.github_ingest.world import SECRET, issues_event, signed

LIMIT = 3 * 1024 * 1024
BODY = json.dumps(issues_event(1)).encode()

Headers = list[tuple[bytes, bytes]]


class Door:
    """A webhook of the repository 4711. `looks` is what its deliveries led to."""

    def __init__(
        self, secrets: Sequence[str] = (SECRET,), *, installation_id: int | None = None
    ) -> None:
        self.clock = FakeClock()
        self.looks: list[Said] = []
        self.repository_id: str | None = "4711"
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        METADATA.create_all(self._engine)
        bounds = Bounds(tuple(each.encode() for each in secrets), LIMIT, installation_id)
        self.webhook = Webhook(
            bounds, repository_id=lambda: self.repository_id, commit=self.commit, clock=self.clock
        )

    async def commit(self, _name: str, tick: Tick) -> None:
        """One transaction."""
        with Session(self._engine) as session, session.begin():
            self.looks.append(tick(Handling(session, self.clock.now(), UUID(int=0))))

    def rows(self) -> int:
        """How many deliveries were recorded."""
        with Session(self._engine) as session:
            return session.scalar(select(func.count()).select_from(DELIVERIES)) or 0

    def close(self) -> None:
        """Give the database back."""
        self._engine.dispose()

    async def post(
        self, body: Any, headers: Headers, *, method: str = "POST", path: str = "/webhook"
    ) -> httpx.Response:
        """Any request."""
        transport = httpx.ASGITransport(self.webhook)
        async with httpx.AsyncClient(transport=transport, base_url="http://ingest.test") as client:
            return await client.request(method, path, content=body, headers=headers)

    async def send(
        self, event: str, body: dict[str, Any], *, delivery: UUID | None = None
    ) -> httpx.Response:
        """A good delivery of an event."""
        raw = json.dumps(body).encode()
        name = str(delivery or uuid5(UUID(int=0), event + raw.decode())).encode()
        sent = headers(raw, x_github_event=event.encode(), x_github_delivery=name)
        return await self.post(raw, sent)


def headers(body: bytes = BODY, **changed: Any) -> Headers:
    """A good delivery's headers; a change of None leaves one out, a list sends it more than once."""
    names = {
        "content_type": b"application/json",
        "x_github_event": b"issues",
        "x_github_delivery": b"00000000-0000-0000-0000-000000000001",
        "x_hub_signature_256": signed(body).encode(),
        **changed,
    }
    sent: Headers = []
    for name, value in names.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        sent += [(name.replace("_", "-").encode(), each) for each in values]
    return sent
