"""What `gatefleet publish` does: find the place, check, say, wait, tell."""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from uuid import UUID

from services.cli.acts.acting import quiet
from services.cli.console_client import ConsoleClient
from services.cli.page import plain
from services.cli.publishing import over_bus, over_console, target
from services.cli.publishing.checking import Topic, Triggers, message, topic
from services.cli.publishing.fields import Json, from_json
from services.cli.publishing.over_bus import Wait
from services.cli.publishing.story import Story
from shared.clock import Clock
from shared.errors import BadInput, Refused
from shared.messages.custom import CustomEvent

NOT_AN_EVENT = (
    "{topic}: over the console of a fleet only custom events can be said; the rest needs a broker and "
    "the user that may say it: --bus amqp://…"
)
ONLY_EVENTS = "--wait: only custom events are answered; leave it out for {topic}"
UNREADABLE = "--json: {path}: cannot be read ({why}); give -, a file, or a JSON object"
STDIN = "-"
FAILED = 1


@dataclass(frozen=True)
class Order:
    """What the command line says."""

    topic: str
    pairs: tuple[str, ...]
    given: str | None
    """Of `--json`: `-`, a file, or the object itself."""
    repo: str | None
    policy: Path | None
    wait_s: float | None
    """None: do not wait."""
    output: Literal["text", "json"]


@dataclass
class _Told:
    """Prints as things come, or all at the end as one object."""

    as_json: bool
    lines: list[str] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """One line."""
        self.lines.append(line)
        if not self.as_json:
            print(plain(line), flush=True)


def say(order: Order, *, bus: str | None, state: Path, clock: Clock) -> int:
    """Do it. Answers the exit code; raises one line for what is wrong."""
    quiet()
    of = topic(order.topic)
    if order.wait_s is not None and of.event is None:
        raise BadInput(ONLY_EVENTS.format(topic=of.name))
    given = _given(order.given)
    told = _Told(order.output == "json")
    wait = Wait(order.wait_s, told.tell) if order.wait_s is not None else None
    if bus is not None:
        repo = target.on_bus(order.repo, Path.cwd())
        triggers = _triggers(order, of) or target.triggers_here(Path.cwd(), repo)
        found = message(of, order.pairs, given, repo=repo, triggers=triggers)
        came = asyncio.run(
            over_bus.publish(bus, of, found, clock=clock, wait=wait, confirmed=told.tell)
        )
        return _end(order, of, told, came)
    if of.event is None:
        raise Refused(NOT_AN_EVENT.format(topic=of.name))
    running = target.fleet(state)
    repo = target.of_fleet(order.repo, running, state)
    with ConsoleClient.of(running) as client:
        triggers = _triggers(order, of) or target.triggers_of_console(client)
        event = message(of, order.pairs, given, repo=repo, triggers=triggers)
        assert isinstance(event, CustomEvent)
        came = asyncio.run(
            over_console.publish(client, event, clock=clock, wait=wait, confirmed=told.tell)
        )
    return _end(order, of, told, came)


def _triggers(order: Order, of: Topic) -> Triggers:
    if of.event is None or order.policy is None:
        return {}
    return target.triggers_of_file(order.policy)


def _end(order: Order, of: Topic, told: _Told, came: tuple[UUID, Story | None, float]) -> int:
    identity, story, seconds = came
    line = story.last(seconds) if story is not None else ""
    taken = story is None or story.taken
    if told.as_json:
        more: dict[str, object] = story.as_json() if story is not None else {}
        print(json.dumps(
            {"id": str(identity), "topic": of.name, "confirmed": True, **more, "line": line,
             "seconds": round(seconds, 3)}, indent=2,
        ))  # fmt: skip
    elif story is not None:
        print(plain(line), file=sys.stdout if taken else sys.stderr)
    return 0 if taken else FAILED


def _given(text: str | None) -> Json | None:
    """The object of `--json`. BadInput when it cannot be read or is none."""
    if text is None:
        return None
    if text == STDIN:
        return from_json(sys.stdin.buffer.read())
    if text.lstrip().startswith(("{", "[")):
        return from_json(text)
    try:
        return from_json(Path(text).expanduser().read_bytes())
    except OSError as error:
        raise BadInput(UNREADABLE.format(path=text, why=error.strerror)) from None
