"""Messages a second through a whole service, beside raw aio-pika in the same run.

The chain of a service: consume in batches, inbox, a row of state, outbox and commit (SQLite,
synchronous=FULL), publish with confirm, forget the outbox row, acknowledge. Every variant begins
with the same number of messages of 608 bytes waiting for it, and ends when the last is settled.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import structlog
from sqlalchemy import text

from shared.bus import MemoryBus, Service
from shared.bus.amqp import AmqpDriver
from shared.bus.driver import Driver, Queue
from shared.clock import SystemClock
from shared.messages import Envelope, Repo
from shared.messages.gate import FleetStopped
from shared.messages.work import EventAnswered
from shared.store import Handling, Store
from tests.bench.raw_amqp import Raw
from tests.bench.report import Table, Value, Wanted, middle

RUNS = 5
MESSAGES = 1000
BODY_BYTES = 608

TITLE = "Messages a second, median of {runs} interleaved runs of {count:,} messages of {size} bytes"
NO_BROKER = (
    "amqp:// and its peers were not measured: no RabbitMQ here (set AMQP_URL, or start "
    "rabbitmq-server)"
)
CHAIN = (
    "whole chain: consume, inbox, state and outbox in one SQLite transaction (synchronous=FULL), "
    "publish confirmed, acknowledge; the peers keep no state"
)
PEERS = (
    "to ack, to publish: ratios to raw aio-pika that consumes and acknowledges each message, and to "
    "raw aio-pika that also publishes one for each, confirmed, as many at a time as were prefetched"
)
SPREAD = "CPU ms each: of this process, a message; the broker's own is not in it"

MEMORY, AMQP = "service on memory://", "service on amqp://"
CONSUMING, ANSWERING = "raw aio-pika: consume, ack", "raw aio-pika: consume, publish, ack"

REPO = Repo(owner="octo", name="hello", id="1")
STATE = text("create table stops (id text primary key, why text)")
NOTE = text("insert into stops values (:id, :why)")


@dataclass(frozen=True)
class Taken:
    """What each run of a variant gave."""

    rates: list[float]
    """Messages a second."""
    cpu_ms: list[float]
    """Of this process, a message; the broker's own is not in it."""


def main(wanted: Wanted) -> list[Table]:
    """Every variant in turn, then again."""
    runs = wanted.times(RUNS)
    # lines of the product's log would be measured as well
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder, broker() as url:
        taken = asyncio.run(_all(Path(folder), url, runs))
    return [_table(taken, runs, has_broker=url is not None)]


@contextmanager
def broker() -> Iterator[str | None]:
    """The URL of a vhost of its own; None where there is no broker."""
    if url := os.environ.get("AMQP_URL", ""):
        yield url
        return
    name = f"bench-{uuid.uuid4().hex[:12]}"
    if not _ctl("add_vhost", name):
        yield None
        return
    _ctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    try:
        yield f"amqp://guest:guest@127.0.0.1:5672/{name}"
    finally:
        _ctl("delete_vhost", name)


async def _all(folder: Path, url: str | None, runs: int) -> dict[str, Taken]:
    envelopes = [_envelope() for _ in range(MESSAGES)]
    variants: dict[str, Callable[[Path], Awaitable[tuple[float, float]]]] = {
        MEMORY: lambda place: on_memory(place, envelopes)
    }
    if url is not None:
        variants[AMQP] = lambda place: on_amqp(place, url, envelopes)
        variants[CONSUMING] = lambda _: Raw(url).consumed(envelopes)
        variants[ANSWERING] = lambda _: Raw(url).answered(envelopes)
    taken = {name: Taken([], []) for name in variants}
    for number in range(runs):
        for order, (name, variant) in enumerate(variants.items()):
            place = folder / f"{number}-{order}"
            place.mkdir()
            seconds, cpu_s = await variant(place)
            taken[name].rates.append(MESSAGES / seconds)
            taken[name].cpu_ms.append(1000 * cpu_s / MESSAGES)
    return taken


async def on_memory(folder: Path, envelopes: list[Envelope]) -> tuple[float, float]:
    """Seconds, by the wall and of CPU, of a service on the memory bus."""
    bus = MemoryBus(SystemClock())
    service = await _prepared(folder, bus.driver())
    waiting = [asyncio.ensure_future(bus.publish(each)) for each in envelopes]
    await asyncio.sleep(0)  # all of them are in the queue before the service begins
    taken = await _work(service)
    await asyncio.gather(*waiting)
    await bus.close()
    return taken


async def on_amqp(folder: Path, url: str, envelopes: list[Envelope]) -> tuple[float, float]:
    """Seconds of a service on RabbitMQ; what it says goes into a queue that nobody reads."""
    clock = SystemClock()
    driver = AmqpDriver(url, clock, shared_identity=True)
    service = await _prepared(folder, driver)
    answers = Queue("bench.answers", (EventAnswered.topic,))
    await driver.declare(answers)
    raw = Raw(url)
    await raw.fill(envelopes)
    taken = await _work(service)
    await raw.delete(answers.name, *(queue.name for queue in service.queues()))
    return taken


async def _prepared(folder: Path, driver: Driver) -> Service:
    store = Store(f"sqlite:///{folder / 'scheduler.db'}")
    service = Service("scheduler", driver=driver, store=store, clock=SystemClock())

    def answer(message: FleetStopped, at: Handling) -> list[EventAnswered]:
        at.session.execute(NOTE, {"id": str(at.id), "why": message.why})
        return [EventAnswered(repo=message.repo, event=at.id, name="", answer=message.why)]

    service.hears(answer)
    await service.prepare()
    await store.run(lambda session: session.execute(STATE) and None)
    return service


async def _work(service: Service) -> tuple[float, float]:
    """Until all has been handled, published and acknowledged."""
    began, cpu_began = time.perf_counter(), time.process_time()
    await service.begin()
    delivering = service.deliveries[0]
    while delivering.counts.handled < MESSAGES or delivering.busy or not await service.relay.idle():
        await asyncio.sleep(0.005)
    taken = time.perf_counter() - began, time.process_time() - cpu_began
    count = await service.store.run(
        lambda session: session.execute(text("select count(*) from stops")).scalar_one()
    )
    assert count == MESSAGES, f"{count} rows of state for {MESSAGES} messages"
    await service.stop()
    return taken


def _envelope() -> Envelope:
    bare = len(FleetStopped(repo=REPO, why="").model_dump_json())
    body = FleetStopped(repo=REPO, why="x" * (BODY_BYTES - bare)).model_dump_json().encode()
    return Envelope(
        id=uuid.uuid4(), topic=FleetStopped.topic, body=body, sender="gatekeeper",
        at=datetime(2030, 1, 1, tzinfo=UTC), correlation="octo/hello",
    )  # fmt: skip


def _table(taken: dict[str, Taken], runs: int, *, has_broker: bool) -> Table:
    def ratio(name: str, peer: str) -> Value:
        if peer not in taken or name == peer:
            return None
        return round(median(taken[name].rates) / median(taken[peer].rates), 2)

    rows = [
        (name, round(median(each.rates)), round(min(each.rates)), round(max(each.rates)),
         middle(each.cpu_ms), ratio(name, CONSUMING), ratio(name, ANSWERING))
        for name, each in taken.items()
    ]  # fmt: skip
    title = TITLE.format(runs=runs, count=MESSAGES, size=BODY_BYTES)
    columns = (
        "variant",
        "per s",
        "slowest",
        "fastest",
        "CPU ms each",
        "to ack",
        "to publish",
    )
    notes = (CHAIN, PEERS, SPREAD) if has_broker else (NO_BROKER, CHAIN, SPREAD)
    return Table(title, columns, rows, notes)


def _ctl(*arguments: str) -> bool:
    program = shutil.which("rabbitmqctl") or "/usr/sbin/rabbitmqctl"
    try:
        done = subprocess.run([program, "-q", *arguments], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
