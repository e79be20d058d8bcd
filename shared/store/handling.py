"""What a handler is given beside its message: the transaction, the time, what it answers to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Handling:
    """One handling inside one transaction of the service's own store."""

    session: Session
    now: datetime
    id: UUID
    """Of the message, job or timer that is handled: the causation of whatever is said."""
    correlation: str = ""
    sender: str = ""
    """The service that said the message; empty for jobs and timers."""
    trace: str = ""
    said_at: datetime | None = None
    """When the message was said, by its sender's clock; None for jobs and timers."""
