"""What was asked of the forge, for whole-world assertions: writes, routes, merges."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

_KEPT_WRITES = 20_000


@dataclass(frozen=True, slots=True)
class Write:
    """One mutating REST call or one pushed ref; `body` is the SHA-256 of the bytes, hex."""

    who: str
    method: str
    path: str
    body: str
    status: int

    def __str__(self) -> str:
        return f"{self.who} {self.method} {self.path} {self.status}"


def body_digest(body: bytes) -> str:
    """How a body is written down."""
    return hashlib.sha256(body).hexdigest()


@dataclass(slots=True)
class Witness:
    """Counts since the start, and the newest writes in their order."""

    write_log: list[Write] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    """By `METHOD /path/{template}`."""
    unknown_routes: Counter[str] = field(default_factory=Counter)
    """By `METHOD /path`, for what the forge does not offer."""
    merge_calls: int = 0
    """How often a merge was asked for by REST, whatever came of it."""

    def wrote(self, write: Write) -> None:
        """Add to the log; the oldest entries leave when it grows too long."""
        self.write_log.append(write)
        if len(self.write_log) > _KEPT_WRITES:
            del self.write_log[: _KEPT_WRITES // 2]
