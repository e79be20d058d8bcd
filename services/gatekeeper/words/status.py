"""The one comment on an issue: where it stands, what continues it, and what only it remembers.

It is edited in place. Its last block lets a fleet whose databases are gone find out what it showed,
ran and spent; nothing in it can approve anything.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.gatekeeper.words.markers import marker
from shared.snapshot import fenced

STATE = "gatefleet-state"
REMEMBERED = "For the fleet, after a restart:"
NEXT = "Next: {words}"

_BLOCK = re.compile(rf"^```{STATE}\n(.*)\n```$", re.MULTILINE)


@dataclass(frozen=True)
class Memory:
    """What is known of an issue nowhere else. Money in millionths of a US dollar."""

    digest: str | None = None
    shown_at: datetime | None = None
    runs: int = 0
    spent_micros: int = 0
    parked_until: datetime | None = None
    rest: str = ""
    """Why work on it rests, and the words that continue it."""
    rest_words: str = ""


def issue_comment(
    issue: int, *, standing: str, next_words: str = "", sections: Sequence[str] = (), memory: Memory
) -> str:
    """The whole comment. `standing`: one line; `sections`: a presentation, notices."""
    parts = [f"**{standing}**", NEXT.format(words=next_words) if next_words else "", *sections]
    parts += [REMEMBERED, fenced(_written(memory), STATE), marker("issue", issue)]
    return "\n\n".join(part for part in parts if part)


def read_memory(body: str) -> Memory | None:
    """What a comment of the fleet remembers; None when it holds nothing that can be read.

    Only the last block counts: whatever stands in a shown text stands before it.
    """
    blocks = _BLOCK.findall(body.replace("\r\n", "\n"))
    try:
        found = json.loads(blocks[-1]) if blocks else None
        return _read(found) if isinstance(found, dict) else None
    except (ValueError, RecursionError, TypeError):
        return None


def _written(memory: Memory) -> str:
    rests = {"rest": memory.rest, "rest_words": memory.rest_words} if memory.rest else {}
    return json.dumps(
        {
            "digest": memory.digest,
            "shown_at": memory.shown_at.isoformat() if memory.shown_at else None,
            "runs": memory.runs,
            "spent_micros": memory.spent_micros,
            "parked_until": memory.parked_until.isoformat() if memory.parked_until else None,
            **rests,
        }
    )


def _read(found: dict[str, object]) -> Memory | None:
    digest, runs, spent = found.get("digest"), found.get("runs"), found.get("spent_micros")
    if not (digest is None or (isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest))):
        return None
    if type(runs) is not int or type(spent) is not int or runs < 0 or spent < 0:
        return None
    rest, words = found.get("rest", ""), found.get("rest_words", "")
    if not isinstance(rest, str) or not isinstance(words, str):
        return None
    return Memory(
        digest, _time(found.get("shown_at")), runs, spent, _time(found.get("parked_until")),
        rest, words,
    )  # fmt: skip


def _time(value: object) -> datetime | None:
    """A time with its zone. Raises ValueError for anything else, and for a time without one."""
    if value is None:
        return None
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError(f"{value}: has no time zone")
    return at
