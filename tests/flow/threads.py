"""Follows what was said: who answered to what, and in which trace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.messages.trace import read_trace
from shared.watching import Span, Traced

BEGINS = "observed."
"""What is seen begins a step of a story."""
BY_TIME = frozenset({"gate.repository.evaluated.v1"})
"""Said by a timer's job too, at the start and now and then: that has begun the trace then."""


@dataclass
class Kept:
    """A recorder that keeps everything."""

    spans: list[Span] = field(default_factory=list)

    def record(self, of: Traced, ended: datetime, made: Callable[[], Span]) -> None:
        """As a recorder does."""
        self.spans.append(made())

    @property
    def said(self) -> dict[str, Span]:
        """The publish of each message, by its id."""
        found: dict[str, Span] = {}
        for span in self.spans:
            if span.kind == "producer":
                found.setdefault(str(span.says["messaging.message.id"]), span)
        return found


def topic(span: Span) -> str:
    """Of the message that a publish sent."""
    return str(span.says["messaging.destination.name"])


def cause(span: Span) -> str:
    """The id of what the message of a publish answers to."""
    return str(span.says["gatefleet.causation"])


def trace(span: Span) -> str:
    """The id of its trace; every span has one."""
    found = read_trace(span.place)
    assert found is not None, span
    return found.id


def assert_every_step_is_one_trace(said: Mapping[str, Span]) -> None:
    """What is seen begins a trace of its own name; what is said goes on in that of what it answers to."""
    for identity, span in said.items():
        name = topic(span)
        if name.startswith(BEGINS):
            assert trace(span) == identity.replace("-", ""), name
        elif name in BY_TIME and cause(span) not in said:
            assert trace(span) not in {each.replace("-", "") for each in said}, name
        else:
            assert cause(span) in said, f"{name} answers to nothing that was said"
            assert trace(span) == trace(said[cause(span)]), name


def assert_spans_hang_together(spans: Sequence[Span]) -> None:
    """Each hangs on one that was recorded too, or begins its trace."""
    known = {span.place for span in spans}
    assert [span for span in spans if span.parent and span.parent not in known] == []


def chain(said: Mapping[str, Span], last: str) -> list[str]:
    """From the last message of this topic back to what was seen: topics, the first first."""
    identity = [each for each, span in said.items() if topic(span) == last][-1]
    names = []
    while identity in said:
        names.append(topic(said[identity]))
        identity = cause(said[identity])
    return names[::-1]
