"""The service of escalation.py, tested without a broker: its handler by a call, then all of it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from escalation import ask_for_help, build
from sqlalchemy.orm import Session

from shared.bus import MemoryBus, Service, settled
from shared.clock import SystemClock
from shared.messages import Repo, wire
from shared.messages.custom import CustomEvent
from shared.messages.work import IssueParked
from shared.store import Handling, Store

REPO = Repo(owner="octo", name="hello", id="1")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WAITS = IssueParked(repo=REPO, issue=7, why="three rounds", next="comment `/gatefleet retry`")
GOES_ON = WAITS.model_copy(update={"until": NOON})


def test_only_what_waits_for_a_person_needs_help(tmp_path: Path) -> None:
    asyncio.run(calls_the_handler(tmp_path))


async def calls_the_handler(folder: Path) -> None:
    """A handler is a plain function: call it in a transaction, and look at what it says."""
    store = Store(f"sqlite:///{folder}/alone.db")
    await store.open(())

    def said(parked: IssueParked) -> Callable[[Session], list[CustomEvent]]:
        return lambda session: ask_for_help(parked, Handling(session, NOON, UUID(int=1)))

    assert await store.run(said(GOES_ON)) == []
    [event] = await store.run(said(WAITS))
    assert (event.name, event.data["issue"]) == ("help.wanted", 7)
    await store.close()


def test_it_asks_once_whatever_is_repeated(tmp_path: Path) -> None:
    asyncio.run(runs_on_the_memory_bus(tmp_path))


async def runs_on_the_memory_bus(folder: Path) -> None:
    """Two services in one process; `settled` returns when nobody has anything to do any more."""
    clock, heard = SystemClock(), list[str]()
    bus = MemoryBus(clock)
    service = build(bus.driver(), Store(f"sqlite:///{folder}/escalation.db"), clock)
    listener = Service(
        "listener", driver=bus.driver(), store=Store(f"sqlite:///{folder}/other.db"), clock=clock
    )

    def note(event: CustomEvent, at: Handling) -> None:
        heard.append(f"{event.name} by {at.sender} for {at.correlation}")

    listener.hears(note)
    for each in (service, listener):
        await each.start()
    waits = wire.seal(WAITS, sender="scheduler", at=NOON, key="a test")
    goes_on = wire.seal(GOES_ON, sender="scheduler", at=NOON, key="another")
    for envelope in (waits, goes_on, waits):
        await bus.publish(envelope)
    await settled([service, listener])
    assert heard == ["help.wanted by escalation for octo/hello"]
    for each in (service, listener):
        await each.stop()
    await bus.close()
