"""W3C trace context: `00-<trace>-<span>-01`, computed and never random.

A trace is named by the message that began it: its id is that message's, so a step of a story that is
gone through again, or heard by another way, is the same trace. Who handles a message goes on in the
trace that came with it, as a span of his own; what he says carries that span.
"""

import re
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


class Trace(NamedTuple):
    """One place in a trace."""

    id: str
    """32 hexadecimal digits."""
    span: str
    """16 of them."""

    def __str__(self) -> str:
        return f"00-{self.id}-{self.span}-01"


def read_trace(text: str) -> Trace | None:
    """None for whatever is no traceparent: it may be anything, and is to be dropped unseen."""
    found = _TRACEPARENT.fullmatch(text)
    if found is None or found[1] == _NO_TRACE or found[2] == _NO_SPAN:
        return None
    return Trace(found[1], found[2])


def span_of(*parts: object) -> str:
    """A span's id, from what makes it that span: whose it is, of what, which attempt."""
    return blake2b("\n".join(map(str, parts)).encode(), digest_size=8).hexdigest()


def began(origin: UUID, span: str) -> str:
    """The traceparent where a trace begins; `origin`: the id of the message or job that begins it."""
    return f"00-{origin.hex}-{span}-01"


def number_of(trace: str, origin: UUID) -> int:
    """Of the trace in which `went_on` with these goes on."""
    known = read_trace(trace)
    return origin.int if known is None else int(known.id, 16)


def went_on(trace: str, origin: UUID, span: str) -> str:
    """The traceparent of the next span. What is no traceparent is replaced: `origin` begins one."""
    known = read_trace(trace)
    return began(origin, span) if known is None else f"00-{known.id}-{span}-01"
