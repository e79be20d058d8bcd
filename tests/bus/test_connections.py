"""RabbitMQ goes and comes: nothing lost, one effect each, no consumer that silently went."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from shared.bus.amqp import AmqpDriver
from shared.bus.amqp_line import Line
from shared.clock import SystemClock
from shared.errors import BadInput
from shared.messages.gate import FleetStopped
from shared.store import Handling
from tests.bus.effects import all_done, count, effects, pair, prepare
from tests.bus.proxy import Proxy
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import STOPPED, World, running, stopped, until

MANY = 600


@pytest.fixture
async def proxied(rabbit: Rabbit, tmp_path: Path) -> AsyncIterator[tuple[World, Proxy]]:
    """A world whose broker is behind a door."""
    url = URL(rabbit.url)
    proxy = Proxy(url.host or "", url.port or 5672)
    await proxy.open()
    clock = SystemClock()
    through = str(url.with_host("127.0.0.1").with_port(proxy.port))
    yield World(
        lambda _: AmqpDriver(through, clock, shared_identity=True), tmp_path, clock,
        inject=rabbit.inject, parked=rabbit.parked,
    ), proxy  # fmt: skip
    await proxy.shut()


async def test_a_broker_that_takes_a_connection_and_says_nothing_may_lack_files() -> None:
    """As RabbitMQ 3 does that has more queues than it may open files for."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()

    silent = await asyncio.start_server(take, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    line = Line(
        URL(f"amqp://guest:guest@127.0.0.1:{port}/"), SystemClock(), service="tried",
        purpose="publish", within_s=0.1,
    )  # fmt: skip
    assert await line.trouble() == (
        f"broker 127.0.0.1:{port}: no connection to publish by: not connected: no answer within 0.1 s: "
        "it is out of reach, or has no files left that it may open (`rabbitmqctl status` there says so)"
    )
    await line.close()
    silent.close()
    await silent.wait_closed()


async def test_a_driver_that_connects_again_lets_go_of_what_it_had(rabbit: Rabbit) -> None:
    clock = SystemClock()
    driver = AmqpDriver(rabbit.url, clock, shared_identity=True)
    for _ in range(2):
        await driver.connect("tried")
    while (there := await rabbit.connections()) != 2:  # one to publish and one to consume
        assert there > 2  # it takes the broker a moment to know that one has closed
    await driver.close()


async def test_connections_closed_by_an_operator_under_load_lose_nothing(
    amqp: World, rabbit: Rabbit
) -> None:
    gate, work = pair(amqp)
    await prepare(gate, work)
    async with running(gate, work):
        for part in range(3):
            await amqp.tell(gate, *(stopped(str(n)) for n in range(part, MANY, 3)))
            await rabbit.cut_all()
            gc.collect()
        await all_done(amqp, MANY, gate, work)
        expected = [str(n) for n in range(MANY)]
        assert await effects(gate, work) == [expected, expected]
        assert await amqp.dead() == []


async def test_a_network_that_is_cut_and_a_garbage_collection_lose_no_consumer(
    proxied: tuple[World, Proxy],
) -> None:
    world, proxy = proxied
    gate, work = pair(world)
    await prepare(gate, work)
    async with running(gate, work):
        for part in range(3):
            await world.tell(gate, *(stopped(str(n)) for n in range(part, MANY, 3)))
            await until(lambda: work.deliveries[0].counts.received > 0)
            await proxy.shut()
            gc.collect()
            await proxy.open()
        await all_done(world, MANY, gate, work)
        expected = [str(n) for n in range(MANY)]
        assert await effects(gate, work) == [expected, expected]


async def test_a_broker_that_is_absent_at_the_start_is_waited_for(
    proxied: tuple[World, Proxy], capsys: pytest.CaptureFixture[str]
) -> None:
    world, proxy = proxied
    await proxy.shut()
    gate = world.service("gatekeeper")
    starting = asyncio.ensure_future(gate.start())
    said = ""
    while "broker_absent" not in said:
        await asyncio.sleep(0.001)
        said += capsys.readouterr().out
    assert not starting.done()
    await proxy.open()
    await starting
    await gate.stop()


async def test_a_stop_while_the_broker_is_away_ends_and_loses_nothing(
    proxied: tuple[World, Proxy],
) -> None:
    world, proxy = proxied
    gate, work = pair(world)
    await prepare(gate, work)
    await gate.begin()
    await proxy.shut()
    await world.tell(gate, stopped("0"))
    await gate.stop()
    await proxy.open()
    again, _ = pair(world)
    await work.stop()
    listens = pair(world)[1]
    async with running(again, listens):
        await all_done(world, 1, again, listens)
        assert await effects(again, listens) == [["0"], ["0"]]


async def test_a_deleted_queue_is_made_again(amqp: World, rabbit: Rabbit) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    gate, work = amqp.service("gatekeeper"), amqp.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await amqp.say(gate, "before")
        await amqp.settle(gate, work)
        await rabbit.delete_queue(f"scheduler.{STOPPED}")
        await amqp.say(gate, "after")
        await until(lambda: heard == ["before", "after"])
        await amqp.settle(gate, work)


async def test_two_processes_worth_of_services_share_one_vhost(amqp: World) -> None:
    """Two drivers, two connections each, one queue: every message once, whoever takes it."""
    gate, one = pair(amqp)
    other = amqp.service("scheduler", "2", store="scheduler-1")

    other.hears(count)
    await prepare(gate, one)
    async with running(gate, one, other):
        await amqp.say(gate, *map(str, range(MANY)))
        await amqp.settle(gate, one, other)
        expected = [str(n) for n in range(MANY)]
        assert await effects(gate, one) == [expected, expected]
        assert other.deliveries[0].counts.handled


async def test_an_existing_queue_of_another_kind_is_named(amqp: World, rabbit: Rabbit) -> None:
    def note(message: FleetStopped, at: Handling) -> None: ...

    await rabbit.declare_classic(f"scheduler.{STOPPED}")
    work = amqp.service("scheduler")
    work.hears(note)
    with pytest.raises(BadInput, match=f"queue scheduler.{STOPPED}: the broker has another"):
        await work.start()
    await work.stop()


async def test_wrong_credentials_and_vhosts_end_the_start_with_one_line(
    rabbit: Rabbit, amqp: World
) -> None:
    wrong = URL(rabbit.url).with_password("wrong")
    with pytest.raises(BadInput, match="check user, password and vhost"):
        await AmqpDriver(str(wrong), amqp.clock).connect("scheduler")
    absent = URL(rabbit.url).with_path("/no-such-vhost")
    with pytest.raises(BadInput, match="check user, password and vhost"):
        await AmqpDriver(str(absent), amqp.clock).connect("scheduler")


async def test_a_parking_queue_that_somebody_deleted_is_made_again(
    amqp: World, rabbit: Rabbit
) -> None:
    def note(message: FleetStopped, at: Handling) -> None:
        raise BadInput("octo/hello: never")

    gate, work = amqp.service("gatekeeper"), amqp.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await rabbit.delete_queue("gatefleet.dead")
        await amqp.say(gate, "x")
        await amqp.settle(gate, work)
        assert [each.reason for each in await rabbit.parked()] == ["BadInput: octo/hello: never"]
