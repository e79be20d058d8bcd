"""Messages a second, ours and other people's, in one run on one vhost of one broker.

Everything is persistent, confirmed, and on a quorum queue. The ways take turns, and each is compared with
what raw aio-pika did in the same turn: what else the machine does then slows both.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import structlog

from shared.messages import Envelope
from tests.bench import broker, ours, peering
from tests.bench.ours import BODY_BYTES, Ours, envelopes
from tests.bench.raw_amqp import PREFETCH, Raw, Spent
from tests.bench.report import Table, Value, Wanted, met, middle
from tests.bench.watching import watched

RUNS = 5
MESSAGES = 4000

CONSUME = (
    "Consume: messages a second, median of {runs} interleaved turns ({size} bytes, quorum queue)"
)
PUBLISH = (
    "Publish: messages a second, median of {runs} interleaved turns ({size} bytes, quorum queue)"
)
NO_BROKER = "not measured: no RabbitMQ here (set AMQP_URL, or start rabbitmq-server)"
NO_POSTGRESQL = "PostgreSQL was not measured: none here (set DATABASE_URL)"
NOT_INSTALLED = "{name} was not measured: {library} is not installed ({python})"
NOT_ENDED = "{name} did not come to its end in {times} of {runs} turns"
VERSIONS = "RabbitMQ {broker}; {peers}"
RATIO = (
    "ratio: to raw aio-pika in the same turn, median of the turns; CPU ms: of the client's process, a "
    "message, the broker's own is not in it; CPU ratio: the same way, above 1 is cheaper than raw"
)
CHAIN = (
    "ours with a store: inbox and outbox in one transaction a batch, SQLite with synchronous=FULL; whole "
    "chain: a row of state as well, kept with its batch, and what is said published, confirmed and "
    "forgotten; rows at once: each by a statement of its own; no peer stores"
)
RAW = "raw aio-pika: {prefetch} prefetched, each acknowledged by itself; 100 confirms in flight"
OUTBOX = "ours, from the outbox: read from SQLite, published mandatory, confirmed, deleted"

RAW_CONSUME, RAW_PUBLISH = "raw aio-pika, single acks", "raw aio-pika, 100 confirms in flight"
RAW_ANSWER = "raw aio-pika, publish one for each, ack"

CHAIN_ON_SQLITE, WATCHED = "ours, whole chain, SQLite", "ours, whole chain, SQLite, watched"

TARGETS = {
    "ours, without a store": 1.3,
    "ours, inbox and outbox, SQLite": 0.75,
    "ours, inbox and outbox, PostgreSQL": 0.9,
    CHAIN_ON_SQLITE: 0.45,
    "ours, whole chain, PostgreSQL": 0.45,
}
"""Of raw consume, by the way's name."""

WATCHED_TARGET = 0.85
WATCHED_IS = (
    "watched: metrics read once a second, spans sent by OTLP to another process: {ratio:.2f} of the same "
    "unwatched (target {target}: {met})"
)

Way = Callable[[Path], Awaitable[Spent]]


@dataclass
class Taken:
    """What each turn of a way gave: seconds a message."""

    wall: dict[int, float] = field(default_factory=dict)
    cpu: dict[int, float] = field(default_factory=dict)

    def add(self, turn: int, spent: Spent, count: int) -> None:
        """`count` messages took so long."""
        self.wall[turn] = spent.wall_s / count
        self.cpu[turn] = spent.cpu_s / count


def main(wanted: Wanted) -> list[Table]:
    """Every way in turn, then again."""
    runs = wanted.times(RUNS)
    # lines of the product's log would be measured as well
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with (
        tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder,
        broker.vhost() as url,
        broker.schemas() as database,
    ):
        if url is None:
            return [Table(CONSUME.format(runs=runs, size=BODY_BYTES), ("way",), [], (NO_BROKER,))]
        notes = [] if database is not None else [NO_POSTGRESQL]
        consuming, publishing = asyncio.run(_ours(Path(folder), url, database, runs))
        return _tables(consuming, publishing, runs, notes)


async def _ours(
    folder: Path, url: str, database: tuple[str, str] | None, runs: int
) -> tuple[dict[str, Taken], dict[str, Taken]]:
    """The peers are in it: in each turn all of them come."""
    ways, said = _ways(url, database), {RAW_PUBLISH: Taken(), "ours, from the outbox": Taken()}
    heard = {name: Taken() for name in ways}
    present = [peer for peer in peering.ALL if peering.version(peer)]
    for turn in range(runs):
        for order, (name, way) in enumerate(ways.items()):
            place = folder / f"{turn}-{order}"
            place.mkdir()
            heard[name].add(turn, await way(place), MESSAGES)
        said[RAW_PUBLISH].add(turn, await Raw(url).published(envelopes(MESSAGES)), MESSAGES)
        place = folder / f"{turn}-outbox"
        place.mkdir()
        spent = await Ours(url, ours.sqlite).published(place, envelopes(MESSAGES))
        said["ours, from the outbox"].add(turn, spent, MESSAGES)
        for peer in present:
            found = await asyncio.to_thread(peering.measured, peer, url, BODY_BYTES)
            for what, table in (("consume", heard), ("publish", said)):
                taken = table.setdefault(peer.name, Taken())
                if found is not None:
                    taken.add(turn, found[what], peer.count)
    return heard, said


def _ways(url: str, database: tuple[str, str] | None) -> dict[str, Way]:
    """Ours and raw aio-pika, by the names of their rows."""

    def fresh(way: Callable[[Path, list[Envelope]], Awaitable[Spent]]) -> Way:
        return lambda place: way(place, envelopes(MESSAGES))

    raw, on_sqlite = Raw(url), Ours(url, ours.sqlite)
    ways: dict[str, Way] = {
        RAW_CONSUME: lambda _: raw.consumed(envelopes(MESSAGES)),
        "ours, without a store": fresh(on_sqlite.without_store),
        "ours, inbox and outbox, SQLite": fresh(on_sqlite.consumed),
    }
    if database is not None:
        on_postgresql = Ours(url, ours.postgresql(*database))
        ways["ours, inbox and outbox, PostgreSQL"] = fresh(on_postgresql.consumed)
        ways["ours, whole chain, PostgreSQL"] = fresh(on_postgresql.whole_chain)
        ways["ours, whole chain, PostgreSQL, rows at once"] = fresh(_at_once(on_postgresql))
    ways[CHAIN_ON_SQLITE] = fresh(on_sqlite.whole_chain)
    ways["ours, whole chain, SQLite, rows at once"] = fresh(_at_once(on_sqlite))
    ways[WATCHED] = lambda place: on_sqlite.whole_chain(place, envelopes(MESSAGES), watched)
    ways["ours, whole chain, memory:// on SQLite"] = fresh(ours.on_memory)
    ways[RAW_ANSWER] = lambda _: raw.answered(envelopes(MESSAGES))
    return ways


def _at_once(on: Ours) -> Callable[[Path, list[Envelope]], Awaitable[Spent]]:
    return lambda place, messages: on.whole_chain(place, messages, handler=ours.record_at_once)


def _tables(
    heard: dict[str, Taken], said: dict[str, Taken], runs: int, notes: list[str]
) -> list[Table]:
    versions = {peer: peering.version(peer) for peer in peering.ALL}
    known = {peer.library: found for peer, found in versions.items() if found}
    told = VERSIONS.format(
        broker=broker.version(), peers=", ".join(f"{name} {found}" for name, found in known.items())
    )
    for peer, found in versions.items():
        if found is None:
            notes.append(NOT_INSTALLED.format(
                name=peer.name, library=peer.library, python=Path(peering.interpreter()).name
            ))  # fmt: skip
        elif (lost := runs - len(heard[peer.name].wall)) > 0:
            notes.append(NOT_ENDED.format(name=peer.name, times=lost, runs=runs))
    cannot = [peer.cannot for peer in peering.ALL if peer.cannot and versions[peer]]
    columns = (
        "way",
        "per s",
        "slowest",
        "fastest",
        "ratio",
        "target",
        "met",
        "CPU ms",
        "CPU ratio",
    )
    return [
        Table(
            CONSUME.format(runs=runs, size=BODY_BYTES), columns, _rows(heard, RAW_CONSUME),
            (RAW.format(prefetch=PREFETCH), CHAIN, _cost_of_watching(heard), RATIO, told, *notes),
        ),
        Table(
            PUBLISH.format(runs=runs, size=BODY_BYTES), columns, _rows(said, RAW_PUBLISH),
            (OUTBOX, *cannot),
        ),
    ]  # fmt: skip


def _cost_of_watching(heard: dict[str, Taken]) -> str:
    ratio = _ratio(heard[WATCHED].wall, heard[CHAIN_ON_SQLITE].wall)
    return WATCHED_IS.format(
        ratio=ratio, target=WATCHED_TARGET, met=met(ratio, WATCHED_TARGET, at_least=True)
    )


def _rows(taken: dict[str, Taken], raw: str) -> list[tuple[Value, ...]]:
    rows: list[tuple[Value, ...]] = []
    for name, each in taken.items():
        if not each.wall:
            continue
        ratio = _ratio(each.wall, taken[raw].wall)
        target = TARGETS.get(name)
        rows.append((
            name, round(1 / median(each.wall.values())), round(1 / max(each.wall.values())),
            round(1 / min(each.wall.values())), ratio, target, met(ratio, target, at_least=True),
            middle([1000 * seconds for seconds in each.cpu.values()]),
            _ratio(each.cpu, taken[raw].cpu),
        ))  # fmt: skip
    return rows


def _ratio(seconds: dict[int, float], raw: dict[int, float]) -> float:
    return round(median(raw[turn] / each for turn, each in seconds.items()), 2)
