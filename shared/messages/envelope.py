"""A message on its way: the body and the properties that ride beside it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as bytes with its properties.

    `sender` is the service that said it (the broker's `user_id`); `trace` is a W3C traceparent.
    `beside`: the topic on which the same fact was said in the version before, as well; empty: none.
    """

    id: UUID
    topic: str
    body: bytes = field(repr=False)
    sender: str
    at: datetime
    correlation: str
    causation: UUID | None = None
    trace: str = ""
    beside: str = ""
