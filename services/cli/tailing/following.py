"""Where messages come from: a queue of one's own on a broker, or the stream of a fleet's console."""

import asyncio
import sys
from pathlib import Path

from services.cli.acts.acting import quiet
from services.cli.console_client import ConsoleClient
from services.cli.publishing.target import fleet
from services.cli.tailing.showing import Screen
from shared.bus.amqp_feed import PREFETCH
from shared.bus.amqp_visitor import visitor
from shared.bus.topics import matches
from shared.clock import Clock
from shared.errors import BadInput, TryLater
from shared.messages import CATALOGUE, authority
from shared.messages.draft import ChangeProposed

NO_PATTERN = (
    "{given}: is no pattern; write words joined by dots, * for one word and # for any number, such as "
    "gate.#"
)
ENDED = "gatefleet: the fleet stopped, so nothing more is said"
TOLD = "gatefleet: {line}"
FEW = 8
"""Changes that may be on their way to here at a time: each may be megabytes."""
_MOST_CHARACTERS = 255


def patterns(given: str | None) -> tuple[str, ...]:
    """What to bind to. By default all that this version knows, but the bundles of changes: those come
    to whoever asks for them. BadInput for what the broker would not take."""
    if given is not None:
        words = given.split(".")
        fine = all(
            word and not any(c.isspace() or not c.isprintable() for c in word) for word in words
        )
        if not fine or len(given.encode()) > _MOST_CHARACTERS:
            raise BadInput(NO_PATTERN.format(given=ascii(given)))
        return (given,)
    mixed = authority(ChangeProposed.topic)
    whole = {f"{authority(topic)}.#" for topic in CATALOGUE if authority(topic) != mixed}
    parts = {topic for topic in CATALOGUE if authority(topic) == mixed} - {ChangeProposed.topic}
    return tuple(sorted(whole | parts))


def prefetch(bound: tuple[str, ...]) -> int:
    """How many may be on their way to here."""
    return FEW if any(matches(each, ChangeProposed.topic) for each in bound) else PREFETCH


def follow(
    pattern: str | None, screen: Screen, *, bus: str | None, state: Path, clock: Clock
) -> None:
    """Show what is said until Ctrl-C, until there was enough, or until the fleet stops."""
    quiet()
    bound = patterns(pattern)
    if bus is not None:
        asyncio.run(_bus(bus, bound, screen, clock))
    else:
        _console(state, pattern or "#", screen)


async def _bus(url: str, bound: tuple[str, ...], screen: Screen, clock: Clock) -> None:
    async with (
        visitor(url, clock, purpose="tail") as here,
        here.feed(bound, prefetch=prefetch(bound), tell=_aside) as feed,
    ):
        while not screen.is_full:
            for each in await feed.take():
                screen.message(each)
            screen.show()


def _console(state: Path, pattern: str, screen: Screen) -> None:
    with ConsoleClient.of(fleet(state)) as client:
        try:
            for change in client.changes():
                if matches(pattern, change.topic):
                    screen.change(change)
                    screen.show()
                if screen.is_full:
                    return
        except TryLater:
            pass  # it is gone: said below
    print(ENDED, file=sys.stderr)


def _aside(line: str) -> None:
    print(TOLD.format(line=line), file=sys.stderr, flush=True)
