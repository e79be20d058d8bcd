"""How dead letters look: one line and its reason in a list, everything of one."""

import json
from collections.abc import Iterator

from services.cli.page import plain
from shared.bus.letter import Letter

HEAD = "{id}  {at}  {topic} → {queue}"
REASON = "    {reason}"
NO_QUEUE = "(nobody said which queue)"
FIELD = "{name:<12}{value}"
TRACEBACK, BODY = "traceback", "body"
MORE = "… {size:,} bytes in all; --json has them"
NOT_TEXT = "{size:,} bytes that are no text"
NOTHING = "-"
_MOST_BODY, _MOST_REASON = 20_000, 300


def row(letter: Letter) -> list[str]:
    """In a list."""
    at = letter.died_at or letter.said_at
    reason = plain(letter.reason)
    short = reason if len(reason) <= _MOST_REASON else f"{reason[: _MOST_REASON - 1]}…"
    head = HEAD.format(
        id=letter.id, at=f"{at.astimezone():%Y-%m-%d %H:%M}" if at is not None else NOTHING,
        topic=plain(letter.topic) or NOTHING, queue=plain(letter.queue) or NO_QUEUE,
    )  # fmt: skip
    return [head, REASON.format(reason=short)]


def whole(letter: Letter) -> Iterator[str]:
    """Everything of one, for people: no control character of it reaches the terminal."""
    fields = {
        "id": letter.id, "topic": letter.topic, "queue": letter.queue or NO_QUEUE,
        "sender": letter.sender, "said at": _time(letter, "said_at"),
        "died at": _time(letter, "died_at"), "correlation": letter.correlation,
        "causation": letter.causation, "reason": letter.reason,
    }  # fmt: skip
    for name, value in fields.items():
        yield FIELD.format(name=name, value=plain(value) or NOTHING)
    if letter.traceback:
        yield f"{TRACEBACK}:"
        yield from (f"    {_line(line)}" for line in letter.traceback.splitlines())
    yield f"{BODY}:"
    yield from (f"    {_line(line)}" for line in _body(letter))


def as_json(letter: Letter, *, with_body: bool) -> dict[str, object]:
    """For programs."""
    found: dict[str, object] = {
        "id": letter.id, "queue": letter.queue, "topic": letter.topic, "sender": letter.sender,
        "said_at": _time(letter, "said_at") or None, "died_at": _time(letter, "died_at") or None,
        "correlation": letter.correlation, "causation": letter.causation, "reason": letter.reason,
        "traceback": letter.traceback, "size": letter.size,
    }  # fmt: skip
    if with_body:
        found["body"] = _json(letter)
    return found


def _body(letter: Letter) -> list[str]:
    value = _json(letter)
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    if len(text) <= _MOST_BODY:
        return text.splitlines()
    return [*text[:_MOST_BODY].splitlines(), MORE.format(size=letter.size)]


def _json(letter: Letter) -> object:
    """The body as JSON, else as text, else in words."""
    try:
        return json.loads(letter.body)
    except (ValueError, RecursionError):
        pass
    try:
        return letter.body.decode()
    except UnicodeDecodeError:
        return NOT_TEXT.format(size=letter.size)


def _time(letter: Letter, name: str) -> str:
    value = getattr(letter, name)
    return value.isoformat() if value is not None else ""


def _line(text: str) -> str:
    """Without what moves a cursor, but with its indentation."""
    return text[: len(text) - len(text.lstrip(" "))] + plain(text)
