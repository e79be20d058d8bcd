"""Reads the event log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.console.tables import Event
from shared.messages import Message, read


@dataclass(frozen=True)
class Heard:
    """One message of the log."""

    seq: int
    id: UUID
    at: datetime
    sender: str
    correlation: str
    message: Message


def events(session: Session, *, after: int = 0, limit: int = 1000) -> list[Heard]:
    """Messages after a place in the log, in the order in which they were heard."""
    query = select(Event).where(Event.seq > after).order_by(Event.seq).limit(limit)
    return [_heard(row) for row in session.scalars(query)]


def story(session: Session, correlation: str) -> list[Heard]:
    """Everything that was said of one issue, in order."""
    query = select(Event).where(Event.correlation == correlation).order_by(Event.seq)
    return [_heard(row) for row in session.scalars(query)]


def counts(session: Session) -> dict[str, int]:
    """How often each topic was heard."""
    query = select(Event.topic, func.count()).group_by(Event.topic).order_by(Event.topic)
    return {row[0]: row[1] for row in session.execute(query)}


def _heard(row: Event) -> Heard:
    message = read(row.topic, row.body.encode())
    return Heard(row.seq, row.id, row.at, row.sender, row.correlation, message)
