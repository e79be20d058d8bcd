"""Spans: what was done, from when to when, in which trace. Made only where somebody records them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Span:
    """One piece of work, done."""

    name: str
    kind: Literal["consumer", "producer", "internal"]
    place: str
    """Its own traceparent."""
    parent: str
    """That of what led to it; empty: nothing did, the trace begins here."""
    began: datetime
    ended: datetime
    says: Mapping[str, str | int] = field(default_factory=dict)
    """What is told of it."""
    error: str = ""
    """Why it failed; empty: it did not."""


class Recorder(Protocol):
    """Where spans go."""

    def record(self, spans: Sequence[Span]) -> None:
        """Take them; never waits."""
        ...
