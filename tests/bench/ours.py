"""The product's own ways with messages, each measured from the first message to the last that is settled.

Every one begins with its messages waiting for it in a queue, and works through the product's own
driver, delivery, store and relay.
"""

import asyncio
import itertools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, Text, func, insert, select

from shared.bus import MemoryBus, Service
from shared.bus.amqp import AmqpDriver
from shared.bus.delivery import BATCH, Delivering
from shared.bus.driver import Done, Driver, Queue
from shared.bus.relay import Relay
from shared.clock import SystemClock
from shared.messages import Envelope, Repo, read
from shared.messages.gate import FleetStopped
from shared.messages.work import EventAnswered
from shared.store import Handling, ManyRows, Store, outbox
from tests.bench.raw_amqp import Raw, Spent, spent_since
from tests.bench.watching import Watch, unwatched

BODY_BYTES = 608

REPO = Repo(owner="octo", name="hello", id="1")
STOPS = Table("stops", MetaData(), Column("id", String, primary_key=True), Column("why", Text))
ROWS = ManyRows(STOPS, ("id", "why"))
NOTE = insert(STOPS)
ANSWERS = Queue("bench.answers", (EventAnswered.topic,))


def answer(message: FleetStopped, at: Handling) -> list[EventAnswered]:
    """Says one message for each."""
    return [EventAnswered(repo=message.repo, event=at.id, name="", answer=message.why)]


def record(message: FleetStopped, at: Handling) -> list[EventAnswered]:
    """Says one message for each, and keeps a row of state, which is written with the batch."""
    at.keep(ROWS, str(at.id), message.why)
    return answer(message, at)


def record_at_once(message: FleetStopped, at: Handling) -> list[EventAnswered]:
    """The same by a statement of its own, as whoever reads what he wrote needs it."""
    at.session.execute(NOTE, {"id": str(at.id), "why": message.why})
    return answer(message, at)


Handler = Callable[..., Sequence[EventAnswered]]


def envelope(message: FleetStopped) -> Envelope:
    """As the gatekeeper would say it."""
    return Envelope(
        id=uuid.uuid4(), topic=FleetStopped.topic, body=message.model_dump_json().encode(),
        sender="gatekeeper", at=datetime(2030, 1, 1, tzinfo=UTC), correlation="octo/hello",
    )  # fmt: skip


def envelopes(count: int) -> list[Envelope]:
    """Events of 608 bytes, each another."""
    bare = len(FleetStopped(repo=REPO, why="").model_dump_json())
    message = FleetStopped(repo=REPO, why="x" * (BODY_BYTES - bare))
    return [envelope(message) for _ in range(count)]


@dataclass(frozen=True)
class Ours:
    """A service on one vhost; `make_store` makes an empty store for each measurement."""

    url: str
    make_store: Callable[[Path], Store]

    async def consumed(self, folder: Path, messages: list[Envelope]) -> Spent:
        """Consume, inbox, outbox, commit, acknowledge; what is said stays in the outbox."""
        service = await self._prepared(folder, self._driver(), answer)
        (queue,) = service.queues()
        await Raw(self.url).fill(messages)
        delivering = Delivering(
            queue, service.reactions[FleetStopped.topic], speaker=service.speaker,
            store=service.store, clock=service.clock, driver=service.driver,
        )  # fmt: skip
        since = spent_since()
        inlet = await service.driver.open(queue)
        working = asyncio.create_task(delivering.run(inlet))
        await _until(lambda: delivering.counts.handled >= len(messages) and not delivering.busy)
        spent = since()
        await inlet.cease()
        await working
        assert await service.store.run(outbox.depth) == len(messages)
        await service.stop()
        await Raw(self.url).delete(queue.name)
        return spent

    async def whole_chain(
        self, folder: Path, messages: list[Envelope], watch: Watch = unwatched,
        handler: Handler = record,
    ) -> Spent:  # fmt: skip
        """Consume, inbox, state and outbox, commit, publish confirmed, acknowledge."""
        service = await self._prepared(folder, self._driver(), handler)
        await service.driver.declare(ANSWERS)
        await Raw(self.url).fill(messages)
        async with watch(service):
            spent = await _worked(service, len(messages))
        await Raw(self.url).delete(ANSWERS.name, *(queue.name for queue in service.queues()))
        return spent

    async def without_store(self, _folder: Path, messages: list[Envelope]) -> Spent:
        """Consume, read the typed message, acknowledge: what `tail` and the console's feed do."""
        driver = self._driver()
        await driver.connect("console")
        queue = Queue("bench.feed", (FleetStopped.topic,))
        await driver.declare(queue)
        await Raw(self.url).fill(messages)
        since = spent_since()
        inlet = await driver.open(queue)
        left = len(messages)
        while left > 0:
            batch = await inlet.take(BATCH)
            for each in batch:
                read(each.envelope.topic, each.envelope.body)
            await inlet.settle([Done(each) for each in batch])
            left -= len(batch)
        spent = since()
        await inlet.close()
        await driver.close()
        await Raw(self.url).delete(queue.name)
        return spent

    async def published(self, folder: Path, messages: list[Envelope]) -> Spent:
        """What waits in an outbox: published with confirm, mandatory, and forgotten."""
        store = self.make_store(folder)
        await store.open()
        await store.run(lambda session: outbox.put(session, messages))
        driver = self._driver()
        await driver.connect("gatekeeper")
        queue = Queue("bench.relayed", (FleetStopped.topic,))
        await driver.declare(queue)
        relay = Relay(store, driver, SystemClock())
        since = spent_since()
        await relay.start()
        while not await relay.idle():
            await asyncio.sleep(0.01)
        spent = since()
        await relay.stop()
        await driver.close()
        await store.close()
        await Raw(self.url).delete(queue.name)
        return spent

    def _driver(self) -> AmqpDriver:
        return AmqpDriver(self.url, SystemClock(), shared_identity=True)

    async def _prepared(self, folder: Path, driver: Driver, handler: Handler) -> Service:
        return await prepared(self.make_store(folder), driver, handler)


async def on_memory(folder: Path, messages: list[Envelope]) -> Spent:
    """The whole chain on the memory bus, on SQLite."""
    bus = MemoryBus(SystemClock())
    service = await prepared(sqlite(folder), bus.driver(), record)
    waiting = [asyncio.ensure_future(bus.publish(each)) for each in messages]
    await asyncio.sleep(0)  # all of them are in the queue before the service begins
    spent = await _worked(service, len(messages))
    await asyncio.gather(*waiting)
    await bus.close()
    return spent


def sqlite(folder: Path) -> Store:
    """A file of its own."""
    return Store(f"sqlite:///{folder / 'scheduler.db'}")


def postgresql(url: str, beginning: str) -> Callable[[Path], Store]:
    """A schema of its own for each."""
    numbers = itertools.count()
    return lambda _folder: Store(url, schema=f"{beginning}_{next(numbers)}")


async def prepared(store: Store, driver: Driver, handler: Handler) -> Service:
    """A service with its tables empty."""
    service = Service("scheduler", driver=driver, store=store, clock=SystemClock())
    service.hears(handler)
    await service.prepare()
    await store.run(lambda session: STOPS.metadata.create_all(session.connection()))
    return service


async def _worked(service: Service, count: int) -> Spent:
    """Until all has been handled, published and acknowledged."""
    since = spent_since()
    await service.begin()
    delivering = service.deliveries[0]
    await _until(lambda: delivering.counts.handled >= count and not delivering.busy)
    while not await service.relay.idle():
        await asyncio.sleep(0.005)
    spent = since()
    rows = await service.store.run(
        lambda session: session.scalar(select(func.count()).select_from(STOPS))
    )
    assert rows == count, f"{rows} rows of state for {count} messages"
    await service.stop()
    return spent


async def _until(happened: Callable[[], bool]) -> None:
    while not happened():
        await asyncio.sleep(0.005)
