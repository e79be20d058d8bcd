"""What `gatefleet dead` does with letters, wherever they are kept."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from services.cli.acts.acting import quiet
from services.cli.letters.showing import as_json, row, whole
from services.cli.letters.stored import StoredLetters
from services.cli.page import Page
from shared.bus.amqp_parking import parked
from shared.bus.amqp_visitor import visitor
from shared.bus.letter import Letter
from shared.clock import Clock
from shared.errors import BadInput, Refused
from shared.runtime.holding import hold, is_held

Action = Literal["list", "show", "replay", "drop"]
NONE, SOME = "no dead letters", "{count} dead letter(s)"
NOT_FOUND = "{id}: no dead letter has this id; `gatefleet dead list` lists them"
WHICH = "dead {action}: which? give ids{all}"
OR_ALL = ", or --all"
NOT_BOTH = "dead {action}: give ids or --all, not both"
NO_IDS = "dead list: takes no ids; `gatefleet dead show ID` shows one"
RUNS = (
    "{state}: a fleet runs there, and only its own services may write to their stores; stop it first "
    "(Ctrl-C where it runs), then do this, then start it again"
)
REPLAYED, DROPPED = "{id} → {queue}", "{id} dropped ({topic}, {queue})"
AT_START = "{count} will be handled at the next start: `gatefleet up`"
NEEDS_YES = "dead drop: it cannot be undone, and without a terminal nobody can be asked; give --yes"
SURE = "Drop {count} dead letter(s) for ever? [y/N] "
KEPT = "nothing was dropped"
WORN = (
    "gatefleet: {count} letter(s) were looked at often, and newer brokers drop what was delivered 20 "
    "times; use the user `operator`, which may renew them, or replay or drop them"
)
FAILED = 1


@dataclass(frozen=True)
class Order:
    """What the command line says."""

    action: Action
    ids: tuple[str, ...]
    all: bool
    queue: str | None
    yes: bool
    as_json: bool

    def means(self, letter: Letter) -> bool:
        """Whether a letter is one of those that are meant."""
        if self.queue is not None and letter.queue != self.queue:
            return False
        return self.all or self.action == "list" or letter.id in self.ids


class Letters(Protocol):
    """Whoever keeps dead letters."""

    def letters(self) -> AsyncIterator[Letter]:
        """Every one, oldest first."""
        ...

    async def replay(self, letter: Letter) -> None:
        """Have the one that was given last handled again. Refused when it cannot be."""
        ...

    async def drop(self, letter: Letter) -> None:
        """Let it go for ever."""
        ...


@dataclass
class _Done:
    """What was done, and what could not be."""

    letters: list[dict[str, object]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    met: set[str] = field(default_factory=set)


def tend(
    order: Order, *, bus: str | None, state: Path, clock: Clock, ask: Callable[[str], str] = input
) -> int:
    """Do it. Answers the exit code; BadInput or Refused with one line for what stands in the way."""
    quiet()
    _check(order)
    return asyncio.run(_tend(order, bus, state, clock, ask))


async def _tend(
    order: Order, bus: str | None, state: Path, clock: Clock, ask: Callable[[str], str]
) -> int:
    done = _Done()
    async with _kept(order, bus, state, clock) as letters:
        if order.action == "drop":
            await _drop(order, letters, done, ask)
        else:
            await _each(order, letters, done)
    done.wrong += [NOT_FOUND.format(id=each) for each in order.ids if each not in done.met]
    if order.action == "replay" and done.letters and bus is None:
        done.lines.append(AT_START.format(count=len(done.letters)))
    return _tell(order, done)


def _check(order: Order) -> None:
    if order.action == "list" and order.ids:
        raise BadInput(NO_IDS)
    if order.action != "list" and not order.ids and not order.all:
        may = OR_ALL if order.action != "show" else ""
        raise BadInput(WHICH.format(action=order.action, all=may))
    if order.ids and order.all:
        raise BadInput(NOT_BOTH.format(action=order.action))
    if order.action == "drop" and not order.yes and not sys.stdin.isatty():
        raise BadInput(NEEDS_YES)


@asynccontextmanager
async def _kept(order: Order, bus: str | None, state: Path, clock: Clock) -> AsyncIterator[Letters]:
    if bus is not None:
        async with visitor(bus, clock, purpose="dead letters") as here:
            async with parked(here) as parking:
                yield parking
            if parking.worn:
                print(WORN.format(count=parking.worn), file=sys.stderr)
        return
    stored = StoredLetters(state, clock)
    with ExitStack() as held:
        if order.action in ("replay", "drop"):
            if is_held(state):
                raise Refused(RUNS.format(state=state))
            held.enter_context(hold(state, f"dead {order.action}"))
        yield stored


async def _each(order: Order, letters: Letters, done: _Done) -> None:
    """Show or replay, one after the other."""
    async for letter in letters.letters():
        if not order.means(letter):
            continue
        done.met.add(letter.id)
        if order.action == "replay":
            try:
                await letters.replay(letter)
            except Refused as error:
                done.wrong.append(str(error))
                continue
            done.lines.append(REPLAYED.format(id=letter.id, queue=letter.queue))
        else:
            done.lines += row(letter) if order.action == "list" else [*whole(letter), ""]
        done.letters.append(as_json(letter, with_body=order.action == "show"))


async def _drop(order: Order, letters: Letters, done: _Done, ask: Callable[[str], str]) -> None:
    """Find all that are meant, ask, and only then let them go."""
    found = [replace(each, body=b"") async for each in letters.letters() if order.means(each)]
    done.met = {each.id for each in found}
    if not found:
        return
    if not order.yes and ask(SURE.format(count=len(found))).strip().lower() not in ("y", "yes"):
        done.lines.append(KEPT)
        return
    for letter in found:
        await letters.drop(letter)
        words = DROPPED.format(id=letter.id, topic=letter.topic, queue=letter.queue)
        done.lines.append(words)
        done.letters.append(as_json(letter, with_body=False))


def _tell(order: Order, done: _Done) -> int:
    page = Page()
    if order.as_json:
        page.write(json.dumps({"letters": done.letters, "not_done": done.wrong}, indent=2))
    else:
        if order.action == "list" or (not done.lines and not done.wrong):
            count = len(done.letters)
            page.line(SOME.format(count=count) if count else NONE)
        for line in done.lines:
            page.write(line)
    page.show()
    for line in done.wrong:
        print(f"gatefleet: {line}", file=sys.stderr)
    return FAILED if done.wrong else 0
