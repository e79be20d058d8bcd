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
    """Of the message, job or timer that is handled: ids of what is said are computed from it."""
    correlation: str = ""
    sender: str = ""
    """The service that said the message; empty for jobs and timers."""
    trace: str = ""
    """The W3C traceparent of this handling; empty: what is said begins a trace of its own."""
    said_at: datetime | None = None
    """When the message was said, by its sender's clock; None for jobs and timers."""
    cause: UUID | None = None
    """Of a job: the id of the message or timer that led to it, the causation of what it says."""

    @property
    def causation(self) -> UUID:
        """Of whatever is said: the message (or the timer) that all of it answers to."""
        return self.cause or self.id
