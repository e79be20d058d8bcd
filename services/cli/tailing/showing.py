"""How a message looks on a terminal or a pipe, and to a program."""

import json
from datetime import datetime

from services.cli.page import Page, plain
from services.cli.tailing.summing import summary
from services.console.shapes import Change
from shared.bus.amqp_feed import Overheard
from shared.errors import BadInput
from shared.messages import read
from shared.messages.draft import ChangeProposed

LINE = "{at}  {topic}  {sender}  {correlation}  {summary}"
CLAIMED = "{sender}?"
"""The sender, where only the message itself says so."""
NOBODY = "-"
UNREADABLE = "not a message of this version: {why}"
OTHER_BYTES = "{size:,} bytes that are no JSON"
LEFT_OUT = "{size:,} characters left out"
QUIET = "(nothing that people need see)"
_TOPIC, _SENDER = 30, 13
_MOST = 600


class Screen:
    """Prints messages as they come, until there were enough."""

    def __init__(self, *, as_json: bool, limit: int | None, page: Page | None = None) -> None:
        """`limit`: how many are shown; None: all."""
        self._as_json = as_json
        self._left = limit
        self._page = page or Page()

    @property
    def is_full(self) -> bool:
        """Whether enough was shown."""
        return self._left is not None and self._left <= 0

    def message(self, each: Overheard) -> None:
        """One that came over the bus."""
        if self._as_json:
            self._write(json.dumps(as_json(each)))
        else:
            self._line(line(each))

    def change(self, each: Change) -> None:
        """One that a fleet's console told of."""
        if self._as_json:
            self._write(json.dumps(each.model_dump(mode="json")))
            return
        told = each.line
        self._line(_row(
            at=each.at, topic=each.topic, sender=told.who if told is not None else NOBODY,
            correlation=f"#{each.number}" if each.number is not None else NOBODY,
            summary=told.what if told is not None else QUIET,
        ))  # fmt: skip

    def show(self) -> None:
        """Write what there is."""
        self._page.show()

    def _line(self, words: str) -> None:
        if not self.is_full:
            self._page.line(words)
            self._count()

    def _write(self, words: str) -> None:
        if not self.is_full:
            self._page.write(words)
            self._count()

    def _count(self) -> None:
        if self._left is not None:
            self._left -= 1


def line(each: Overheard) -> str:
    """For people, without anything that could move a cursor."""
    try:
        told = summary(read(each.topic, each.body))
    except BadInput as error:
        told = UNREADABLE.format(why=error)
    sender = each.sender if each.proven else CLAIMED.format(sender=each.sender)
    return _row(
        at=each.at, topic=each.topic, sender=sender, correlation=each.correlation or NOBODY,
        summary=told,
    )  # fmt: skip


def as_json(each: Overheard) -> dict[str, object]:
    """For programs: properties and body. A bundle is left out of a change, with its size said."""
    try:
        body = json.loads(each.body)
    except (ValueError, RecursionError):
        body = OTHER_BYTES.format(size=len(each.body))
    if each.topic == ChangeProposed.topic and isinstance(body, dict) and "bundle" in body:
        body["bundle"] = LEFT_OUT.format(size=len(str(body["bundle"])))
    return {
        "id": each.id, "topic": each.topic, "sender": each.sender, "proven": each.proven,
        "at": each.at.isoformat() if each.at is not None else None,
        "correlation": each.correlation, "causation": each.causation, "trace": each.trace,
        "size": len(each.body), "body": body,
    }  # fmt: skip


def _row(*, at: datetime | None, topic: str, sender: str, correlation: str, summary: str) -> str:
    told = plain(summary)
    return LINE.format(
        at=f"{at.astimezone():%H:%M:%S}" if at is not None else "--:--:--",
        topic=f"{plain(topic):<{_TOPIC}}", sender=f"{plain(sender):<{_SENDER}}",
        correlation=plain(correlation),
        summary=told if len(told) <= _MOST else f"{told[: _MOST - 1]}…",
    )  # fmt: skip
