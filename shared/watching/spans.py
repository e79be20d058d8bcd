"""Spans: what was done, from when to when, in which trace. Made only where somebody records them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID


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


class Traced(Protocol):
    """A message or a job: what a span is of."""

    @property
    def id(self) -> UUID:
        """Its own."""
        ...

    @property
    def trace(self) -> str:
        """The traceparent that it came with."""
        ...


class Recorder(Protocol):
    """Where spans go."""

    def record(self, of: Traced, ended: datetime, made: Callable[[], Span]) -> None:
        """Take what `made` returns, if the trace of `of` is recorded just then; never waits."""
        ...
