"""What the command asks of the console of its own process: in memory, not over HTTP."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.console.asking import Asked, Unanswerable
from services.console.reading import Heard, events
from services.console.tables import Event
from shared.messages import Message, read
from shared.messages.draft import RunFinished
from shared.store import Store

PAGE = 1000


async def last_heard(console: Store) -> int:
    """The place of the newest message in the log; 0: none."""
    return await console.run(lambda session: session.scalar(select(func.max(Event.seq))) or 0)


async def newest(console: Store, topics: Iterable[str]) -> list[Message]:
    """The newest message of each topic, oldest first."""

    def work(session: Session) -> list[Message]:
        rows = [
            session.scalars(
                select(Event).where(Event.topic == topic).order_by(Event.seq.desc()).limit(1)
            ).first()
            for topic in topics
        ]
        known = sorted((row for row in rows if row is not None), key=lambda row: row.seq)
        return [read(row.topic, row.body.encode()) for row in known]

    return await console.run(work)


async def heard_after(console: Store, place: int) -> list[Heard]:
    """Everything that was heard after a place in the log."""
    found: list[Heard] = []
    while True:
        after = found[-1].seq if found else place
        page = await console.run(lambda session: events(session, after=after, limit=PAGE))  # noqa: B023 - run at once
        if not page:
            return found
        found += page


async def worked_here(console: Store) -> frozenset[UUID]:
    """Runs whose agent was heard to end, ever: what else is told of a run was learnt from the forge."""

    def work(session: Session) -> frozenset[UUID]:
        rows = session.scalars(select(Event.body).where(Event.topic == RunFinished.topic))
        return frozenset(RunFinished.model_validate_json(body).run for body in rows)

    return await console.run(work)


async def waiting(console: Store, repository: str) -> int:
    """How many things wait for a person, as `gatefleet inbox` lists them."""

    def work(session: Session) -> int:
        try:
            return len(Asked(session, repository).inbox().items)
        except Unanswerable:  # nothing was heard of it yet
            return 0

    return await console.run(work)
