"""One readable line for any message, in the words of the console where it has some. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from uuid import UUID

from services.console.keeping import Heard
from services.console.telling import Teller
from shared.messages import Message
from shared.messages.custom import CustomEvent
from shared.messages.draft import ChangeProposed

CHANGE = "a change for #{issue}: {summary} (a bundle of {size:,} bytes)"
SEVERAL = "{name}: {count}"
NO_MORE = "nothing more to tell"
_ID = UUID(int=0)
_NEVER = datetime.fromtimestamp(0, UTC)
_LONGEST = 80
_MOST_FIELDS = 8
_OUTSIDE = ("repo", "source", "generation")
"""Told beside the line, or by the topic."""


def summary(message: Message) -> str:
    """What it says, in one line; unlike a story, what was told before is told again."""
    if isinstance(message, ChangeProposed):
        return CHANGE.format(issue=message.issue, summary=message.summary, size=len(message.bundle))
    told = Teller().tell(Heard(0, _ID, _NEVER, "", "", message))
    if told is not None:
        return told.what if isinstance(message, CustomEvent) else f"{told.who} {told.what}"
    return ", ".join(_fields(message)) or NO_MORE


def _fields(message: Message) -> Iterator[str]:
    """The first few fields, each in a few words."""
    shown = 0
    for name in type(message).model_fields:
        words = "" if name in _OUTSIDE else _words(name, getattr(message, name))
        if words and shown < _MOST_FIELDS:
            shown += 1
            yield words


def _words(name: str, value: object) -> str:
    """Empty for what is not there."""
    if value is None or value in ((), "", {}):
        return ""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple | dict):
        return SEVERAL.format(name=name, count=len(value))
    if isinstance(value, bool | int | float | str | UUID | datetime):
        return f"{name}={_short(str(value))}"
    for key in ("number", "name", "id", "ref"):  # an object of the forge
        if (found := getattr(value, key, None)) is not None:
            return f"{name}={_short(str(found))}"
    return ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
