"""A dead letter, wherever it is kept: what it was, whose it was, and why it was not handled."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Letter:
    """One message that one queue's consumer did not take. Whatever is in it is what somebody sent."""

    place: int
    """Where it lies, for whoever keeps it."""
    id: str
    """Of the message; computed from its content where it has none that is a UUID. The same message
    may be dead in several queues."""
    queue: str
    """Where it was to be handled; empty where nobody said so, and then it cannot be replayed."""
    topic: str
    sender: str
    """Who said it, as far as that is proven; empty where it is not."""
    said_at: datetime | None
    correlation: str
    causation: str
    reason: str
    traceback: str
    size: int
    """Of the body, in bytes."""
    body: bytes = field(repr=False)
    died_at: datetime | None = None
    """None where nobody wrote it down."""
