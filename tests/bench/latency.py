"""How long a message takes at 50 a second, from before it is published to its handling, and what it costs
the processor, beside raw aio-pika and FastStream."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import aio_pika
import structlog
from aio_pika.abc import AbstractIncomingMessage
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from shared.bus import Service
from shared.bus.amqp import AmqpDriver
from shared.bus.driver import Driver
from shared.clock import SystemClock
from shared.messages.gate import FleetStopped
from shared.messages.work import EventAnswered
from shared.runtime.running import freeze_what_the_start_made
from shared.store import Handling, Store
from tests.bench import broker, ours
from tests.bench.ours import BODY_BYTES, REPO, sqlite
from tests.bench.raw_amqp import PREFETCH, QUORUM, Raw, spent_since
from tests.bench.report import Table, Value, Wanted, met, middle

RUNS = 5
A_SECOND = 50
SECONDS = 6.0
WARM_S = 1.0
"""Before that, of every way alike: connections, statements and code that run for the first time."""
TARGET_TIMES = 2

TITLE = "Latency at {rate} messages/s, {runs} interleaved turns of {seconds:g} s, {size} bytes"
NO_BROKER = "not measured: no RabbitMQ here (set AMQP_URL, or start rabbitmq-server)"
FROM = (
    "raw, FastStream: published confirmed → handler called. Ours: committed to an outbox (SQLite, "
    "synchronous=FULL) → relay → broker → inbox and handler in another service's transaction"
)
CHAIN = (
    "bus alone: the same, from the broker's side only: published by raw aio-pika → handler of a service "
    "called, inside its transaction"
)
OF_TURNS = (
    "p50, p99: of each turn, then the median of the turns; to raw: in the same turn; the first {warm:g} "
    "s of each turn, of every way alike, is not counted"
)
CPU = "CPU ms: of this process, a message, publisher and consumer together"

Send = Callable[[str], Awaitable[None]]
Heard = Callable[[str], None]


@dataclass
class Taken:
    """By turn: milliseconds."""

    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


@dataclass
class Stopwatch:
    """From the sending of a name to its hearing."""

    began: dict[str, float] = field(default_factory=dict)
    took_ms: list[float] = field(default_factory=list)

    def heard(self, name: str) -> None:
        """Now."""
        self.took_ms.append(1000 * (time.perf_counter() - self.began[name]))


def main(wanted: Wanted) -> list[Table]:
    """Every way in turn, then again."""
    runs = wanted.times(RUNS)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    title = TITLE.format(rate=A_SECOND, runs=runs, seconds=SECONDS, size=BODY_BYTES)
    with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder, broker.vhost() as url:
        if url is None:
            return [Table(title, ("way",), [], (NO_BROKER,))]
        taken = asyncio.run(_all(Path(folder), url, runs))
    return [_table(title, taken)]


async def _all(folder: Path, url: str, runs: int) -> dict[str, Taken]:
    ways: dict[str, Callable[[Path], Awaitable[tuple[list[float], float]]]] = {
        "raw aio-pika": lambda _: _raw(url),
        "FastStream, tuned": lambda _: _faststream(url),
        "ours, bus alone": lambda place: _ours(url, place, whole=False),
        "ours, outbox to handler": lambda place: _ours(url, place, whole=True),
    }
    taken = {name: Taken() for name in ways}
    freeze_what_the_start_made()  # as each service does once it works; it serves the others as well
    for turn in range(runs):
        for order, (name, way) in enumerate(ways.items()):
            place = folder / f"{turn}-{order}"
            place.mkdir()
            took_ms, cpu_s = await way(place)
            took_ms.sort()
            taken[name].p50.append(took_ms[len(took_ms) // 2])
            taken[name].p99.append(took_ms[int(len(took_ms) * 0.99)])
            taken[name].cpu.append(1000 * cpu_s / len(took_ms))
    return taken


async def _paced(send: Send, watch: Stopwatch) -> tuple[list[float], float]:
    """Send at the pace, whatever the answers do; return when the last was heard."""
    await _sent(send, watch, int(A_SECOND * WARM_S), prefix="warm-")
    watch.took_ms.clear()
    since = spent_since()
    await _sent(send, watch, int(A_SECOND * SECONDS))
    return watch.took_ms, since().cpu_s


async def _sent(send: Send, watch: Stopwatch, count: int, *, prefix: str = "") -> None:
    began = time.perf_counter()
    sending: list[asyncio.Task[None]] = []
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        name = f"{prefix}{number}"
        watch.began[name] = time.perf_counter()
        sending.append(asyncio.ensure_future(send(name)))
    await asyncio.gather(*sending)
    while len(watch.took_ms) < count:
        await asyncio.sleep(0.01)


async def _raw(url: str) -> tuple[list[float], float]:
    watch = Stopwatch()
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.declare_queue("bench.raw", durable=True, arguments=dict(QUORUM))

        async def handle(message: AbstractIncomingMessage) -> None:
            watch.heard(str(message.message_id))
            await message.ack()

        async def send(name: str) -> None:
            message = aio_pika.Message(
                b"x" * BODY_BYTES, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, message_id=name
            )
            await channel.default_exchange.publish(message, queue.name)

        await queue.consume(handle)
        taken = await _paced(send, watch)
    await Raw(url).delete("bench.raw")
    return taken


async def _faststream(url: str) -> tuple[list[float], float]:
    watch = Stopwatch()
    server = RabbitBroker(url, apply_types=False, logger=None)
    queue = RabbitQueue("bench.faststream", queue_type=QueueType.QUORUM, durable=True)

    async def handle(message: dict[str, str]) -> None:
        watch.heard(message["name"])

    server.subscriber(queue, channel=Channel(prefetch_count=PREFETCH))(handle)
    await server.start()

    async def send(name: str) -> None:
        await server.publish({"name": name, "why": "x" * BODY_BYTES}, queue=queue, persist=True)

    taken = await _paced(send, watch)
    await server.stop()
    await Raw(url).delete(queue.name)
    return taken


async def _ours(url: str, folder: Path, *, whole: bool) -> tuple[list[float], float]:
    watch = Stopwatch()

    def hear(message: FleetStopped, _at: Handling) -> list[EventAnswered]:
        watch.heard(message.why.strip())
        return []

    hearing = await ours.prepared(sqlite(folder), _driver(url), hear)
    await hearing.begin()
    if whole:
        (folder / "said").mkdir()
        saying = _saying(sqlite(folder / "said"), _driver(url))
        await saying.start()

        async def send(name: str) -> None:
            await saying.commit("bench", lambda _at: [_message(name)])
    else:
        connection = await aio_pika.connect(url)
        filling = await Raw(url).to_exchange(connection)

        async def send(name: str) -> None:
            await filling(ours.envelope(_message(name)))

    taken = await _paced(send, watch)
    await hearing.stop()
    await (saying.stop() if whole else connection.close())
    await Raw(url).delete(*(queue.name for queue in hearing.queues()))
    return taken


def _driver(url: str) -> AmqpDriver:
    return AmqpDriver(url, SystemClock(), shared_identity=True)


def _saying(store: Store, driver: Driver) -> Service:
    return Service("gatekeeper", driver=driver, store=store, clock=SystemClock())


def _message(name: str) -> FleetStopped:
    bare = len(FleetStopped(repo=REPO, why="").model_dump_json())
    return FleetStopped(repo=REPO, why=name.ljust(BODY_BYTES - bare))


def _table(title: str, taken: dict[str, Taken]) -> Table:
    raw = taken["raw aio-pika"]
    rows: list[tuple[Value, ...]] = []
    for name, each in taken.items():
        times = median(one / base for one, base in zip(each.p99, raw.p99, strict=True))
        target = TARGET_TIMES if name.startswith("ours") else None
        rows.append((
            name, middle(each.p50, 2), middle(each.p99, 2), round(times, 2), target,
            met(times, target, at_least=False), middle(each.cpu, 2),
        ))  # fmt: skip
    columns = ("way", "p50 ms", "p99 ms", "p99 to raw", "target", "met", "CPU ms")
    return Table(title, columns, rows, (FROM, CHAIN, OF_TURNS.format(warm=WARM_S), CPU))
