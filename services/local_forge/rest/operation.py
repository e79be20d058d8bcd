"""One operation of the API: a method, a path and a handler."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.local_forge.rest.answer import Answer
from services.local_forge.rest.call import Call

Handler = Callable[[Call], Answer] | Callable[[Call], Awaitable[Answer]]
"""A plain one runs in one transaction of the store; one that waits for git makes its own."""

_IN_REPOSITORY = "repos"

_SLOT = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """`path` as GitHub writes it; `{name:path}` may contain slashes."""

    method: str
    path: str
    handler: Handler
    reads_only: bool = False
    """A POST that changes nothing."""
    for_readers: bool = False
    """Something that a read-only token may ask for, though it is written down as a write."""
    is_kept: bool = True
    """A plain GET whose answer stays true until the store changes; not so for what logs and counts."""

    @property
    def writes(self) -> bool:
        """Does it change something?"""
        return self.method != "GET" and not self.reads_only

    @property
    def name(self) -> str:
        """How it is counted."""
        return f"{self.method} {self.path.replace(':path', '')}"

    @property
    def place(self) -> tuple[str, str]:
        """The method, and the word of the path by which it is looked up."""
        return self.method, word_of(self.path)

    def pattern(self) -> re.Pattern[str]:
        """The path as a regular expression with named groups."""
        parts, at = [], 0
        for slot in _SLOT.finditer(self.path):
            parts.append(re.escape(self.path[at : slot.start()]))
            parts.append(f"(?P<{slot[1]}>{'.+' if slot[2] else '[^/]+'})")
            at = slot.end()
        return re.compile("".join(parts) + re.escape(self.path[at:]))


def word_of(path: str) -> str:
    """The first word that tells resources apart: the one after the repository, where there is one."""
    parts = path.split("/", 5)
    if len(parts) > 4 and parts[1] == _IN_REPOSITORY:
        return parts[4]
    return parts[1] if len(parts) > 1 else ""
