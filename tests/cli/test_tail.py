"""`gatefleet tail`: live, from a queue of its own or from a fleet's console."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from shared.bus.amqp import AmqpDriver
from shared.clock import SystemClock
from shared.messages.custom import CustomEvent, topic_of
from shared.messages.examples import AT
from shared.messages.gate import FleetStopped
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import REPO, sealed, stopped
from tests.cli.consoles import alive, several, told
from tests.console.desk import hear
from tests.console.stories import like, said
from tests.services_at_hand import amqp_vhost

__all__ = ["amqp_vhost"]

Capture = pytest.CaptureFixture[str]


@pytest.fixture
async def rabbit(amqp_vhost: str) -> Rabbit:
    """A vhost on which a fleet has been."""
    driver = AmqpDriver(amqp_vhost, SystemClock(), shared_identity=True)
    await driver.connect("gatekeeper")
    await driver.close()
    return Rabbit(amqp_vhost)


async def while_saying(say: Callable[[int], Awaitable[None]], *arguments: str) -> int:
    """The command, while somebody goes on talking: it ends when it has heard enough."""
    asked = asyncio.ensure_future(told(*arguments))
    for number in count():
        if asked.done():
            break
        await say(number)
        await asyncio.sleep(0.01)
    return await asked


async def test_what_is_said_on_a_broker_is_shown_readably(rabbit: Rabbit, capsys: Capture) -> None:
    event = CustomEvent(repo=REPO, name="x", data={"a": "\x1b[31mred\x07"})

    async def say(number: int) -> None:
        for each in (sealed(stopped(f"for {number}")), sealed(event, topic=topic_of(event))):
            await publish(rabbit, each.topic, each.body)

    capsys.readouterr()
    code = await while_saying(say, "tail", "gate.#", "--limit", "3", "--bus", rabbit.url)
    lines = capsys.readouterr().out.splitlines()
    assert (code, len(lines)) == (0, 3)
    assert all("gate.fleet.stopped.v1" in each and "stopped: for " in each for each in lines)
    code = await while_saying(say, "tail", "--limit", "12", "--json", "--bus", rabbit.url)
    shown = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert {each["topic"] for each in shown} == {"gate.fleet.stopped.v1", "custom.x.v1"}
    assert any(each["body"].get("data") == event.data for each in shown)


async def publish(rabbit: Rabbit, key: str, body: bytes) -> None:
    """To whoever is bound, which may be nobody yet."""
    import aio_pika

    async with await aio_pika.connect(rabbit.url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange("gatefleet", ensure=False)
        await exchange.publish(aio_pika.Message(body), key, mandatory=False)


async def test_of_a_fleet_without_a_broker_the_console_tells_until_it_stops(
    tmp_path: Path, capsys: Capture
) -> None:
    where = ("--state", str(tmp_path))
    async with alive(tmp_path, several()) as here:

        async def say(number: int) -> None:
            start = AT + timedelta(hours=1 + number)
            stop, event = like(FleetStopped, why="holiday"), like(CustomEvent)
            await hear(here.bus, *said(stop, event, start=start))

        capsys.readouterr()
        code = await while_saying(say, "tail", "gate.#", "--limit", "2", *where)
        lines = capsys.readouterr().out.splitlines()
        assert (code, len(lines)) == (0, 2)
        assert all("gatekeeper" in each and "stopped: holiday" in each for each in lines)
        following = asyncio.ensure_future(told("tail", "gate.#", *where))
        shown = ""
        for number in count(1000):
            shown += capsys.readouterr().out
            if shown:
                break
            await say(number)
            await asyncio.sleep(0.01)
    assert await following == 0
    assert "the fleet stopped" in capsys.readouterr().err
