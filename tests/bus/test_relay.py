"""The relay: what was just committed goes out at once, once, and after what is older."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared.bus import MemoryBus
from shared.bus.relay import Relay
from shared.clock import SystemClock
from shared.errors import Refused, TryLater
from shared.messages import Envelope
from shared.messages.gate import FleetResumed
from shared.store import Store, outbox
from shared.store.migrate import BUS
from tests.bus.worlds import REPO, sealed, stopped, until
from tests.fakes.around_driver import AroundDriver

T = TypeVar("T")


class Held(AroundDriver):
    """Sends nothing before it is told to, and notes what it was given."""

    def __init__(self) -> None:
        super().__init__(MemoryBus(SystemClock()).driver())
        self.window, self.keeps_unheard = 3, True
        self.given: list[tuple[UUID, asyncio.Future[bool]]] = []

    def publish(self, envelope: Envelope) -> asyncio.Future[bool]:
        """Under way until somebody ends it."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.given.append((envelope.id, future))
        return future

    @property
    def ids(self) -> list[UUID]:
        """Of all that was begun, in order."""
        return [identity for identity, _ in self.given]

    def confirm(self) -> None:
        """All that is under way is safe."""
        for _, future in self.given:
            if not future.done():
                future.set_result(True)


class Counting(Store):
    """Counts its transactions."""

    transactions = 0

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.meanwhile: Callable[[], None] = lambda: None
        """Called before the relay hears that it has told the store."""

    async def run(self, work: Callable[[Session], T], *, lasting: bool = True) -> T:
        """As the store does."""
        self.transactions += 1
        done = await super().run(work, lasting=lasting)
        if not lasting:
            self.meanwhile()
        return done


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Counting]:
    made = Counting(f"sqlite:///{tmp_path / 'outbox.db'}")
    await made.open((BUS,))
    yield made
    await made.close()


def some(count: int) -> list[Envelope]:
    """Messages, each another."""
    return [sealed(stopped(str(n))) for n in range(count)]


async def commit(store: Store, envelopes: Sequence[Envelope]) -> None:
    """Put into the outbox by somebody."""
    await store.run(lambda session: outbox.put(session, envelopes))


async def drained(relay: Relay) -> None:
    """Nothing is under way, and nothing waits."""
    while not await relay.idle():
        await asyncio.sleep(0)


async def begun(store: Store, driver: Held) -> Relay:
    """At work, with nothing unread."""
    relay = Relay(store, driver, SystemClock())
    await relay.start()
    await until(lambda: not relay._more)
    return relay


async def test_what_is_offered_goes_out_without_being_read_back(store: Counting) -> None:
    driver = Held()
    relay = await begun(store, driver)
    said = some(2)
    await commit(store, said)
    before = store.transactions
    relay.offer(said)
    assert (driver.ids, store.transactions) == ([each.id for each in said], before)
    driver.confirm()
    await drained(relay)
    assert await store.run(outbox.depth) == 0
    assert len(driver.given) == 2
    await relay.stop()


async def test_what_is_read_and_offered_as_well_is_sent_once(store: Counting) -> None:
    driver = Held()
    relay = await begun(store, driver)
    said = some(2)
    await commit(store, said)
    relay.wake()  # somebody else says so: the page with both of them is on its way
    await asyncio.sleep(0)
    relay.offer(said)
    await until(lambda: len(driver.given) >= 2)
    driver.confirm()
    await drained(relay)
    assert sorted(driver.ids) == sorted(each.id for each in said)
    await relay.stop()


async def test_what_is_older_goes_first_where_there_is_no_room(store: Counting) -> None:
    driver = Held()
    relay = await begun(store, driver)
    said = some(7)
    for each in said:
        await commit(store, [each])
        relay.offer([each])
    assert driver.ids == [each.id for each in said[:3]]
    while len(driver.given) < 7:
        driver.confirm()
        await asyncio.sleep(0)
    assert driver.ids == [each.id for each in said]
    driver.confirm()
    await drained(relay)
    await relay.stop()


@pytest.mark.parametrize("error", [TryLater("away"), asyncio.CancelledError()])
async def test_what_was_not_confirmed_is_sent_again(store: Counting, error: BaseException) -> None:
    driver = Held()
    relay = await begun(store, driver)
    (said,) = some(1)
    await commit(store, [said])
    relay.offer([said])
    (_, first) = driver.given[0]
    if isinstance(error, TryLater):
        first.set_exception(error)
    else:
        first.cancel()
    await until(lambda: len(driver.given) == 2)
    driver.confirm()
    await drained(relay)
    assert driver.ids == [said.id, said.id]
    await relay.stop()


async def test_an_offer_of_a_held_topic_waits_with_the_others_of_it(store: Counting) -> None:
    driver = Held()
    relay = await begun(store, driver)
    first, second = some(2)
    other = sealed(FleetResumed(repo=REPO, why="go on"))
    await commit(store, [first])
    relay.offer([first])
    driver.given[0][1].set_exception(Refused("not your word"))
    await until(lambda: bool(relay._holds))
    await commit(store, [second, other])
    relay.offer([second, other])
    assert driver.ids[1:2] == [other.id]  # the other topic is not held up
    driver.confirm()
    while not {first.id, second.id} <= set(driver.ids[1:]):
        driver.confirm()
        await asyncio.sleep(0)
    driver.confirm()
    await drained(relay)
    await relay.stop()


async def test_what_was_committed_and_never_offered_is_found_when_woken(store: Counting) -> None:
    """Whoever commits may be stopped before it can say what."""
    driver = Held()
    relay = await begun(store, driver)
    (said,) = some(1)
    await commit(store, [said])
    relay.wake()
    await until(lambda: driver.ids == [said.id])
    driver.confirm()
    await drained(relay)
    await relay.stop()


async def test_what_is_confirmed_while_the_store_is_told_is_forgotten_as_well(
    store: Counting,
) -> None:
    """Nobody asks the relay whether it is idle: it must come to that by itself."""
    driver = Held()
    relay = await begun(store, driver)
    said = some(3)
    await commit(store, said)
    relay.offer(said)
    store.meanwhile = driver.confirm
    driver.given[0][1].set_result(True)
    while await store.run(outbox.depth) > 0:
        await asyncio.sleep(0)
    await relay.stop()


async def test_after_the_stop_nothing_is_begun(store: Counting) -> None:
    driver = Held()
    relay = await begun(store, driver)
    await relay.stop()
    said = some(1)
    await commit(store, said)
    relay.offer(said)
    assert driver.given == []
    assert await store.run(outbox.depth) == 1
