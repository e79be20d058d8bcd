"""Many publishes in one write: each has its own answer all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import PublishError
from aiormq.channel import Channel
from pamqp.commands import Basic

from shared.bus.amqp_writing import AT_ONCE_BYTES, Saying, Writing
from tests.bus.rabbit import Rabbit

QUEUE = "scheduler.written"

Told: TypeAlias = "asyncio.Future[object]"


@asynccontextmanager
async def writing(rabbit: Rabbit) -> AsyncIterator[tuple[Writing, AbstractChannel]]:
    """On a channel with confirms, beside a queue of that name."""
    async with await aio_pika.connect(rabbit.url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        below = await channel.get_underlay_channel()
        assert isinstance(below, Channel)
        yield Writing(below), channel


def _say(out: Writing, name: str, body: bytes, *, at: str = "", key: str = QUEUE) -> Told:
    properties = Basic.Properties(message_id=name, delivery_mode=2)
    told: Told = asyncio.get_running_loop().create_future()
    out.publish(Saying(at, key, properties, body), told)
    return told


async def test_what_comes_back_among_many_is_told_to_whoever_said_it(rabbit: Rabbit) -> None:
    keys = [QUEUE if number % 3 else "nobody" for number in range(90)]
    async with writing(rabbit) as (out, _):
        said = [_say(out, str(n), b"x", key=key) for n, key in enumerate(keys)]
        answers = await asyncio.gather(*said, return_exceptions=True)
    assert [isinstance(answer, PublishError) for answer in answers] == [k != QUEUE for k in keys]


async def test_bodies_of_every_size_arrive_as_they_were_in_their_order(rabbit: Rabbit) -> None:
    sizes = [0, 1, 4_096, 131_072, AT_ONCE_BYTES, AT_ONCE_BYTES + 1, 3 * AT_ONCE_BYTES, 7]
    bodies = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    async with writing(rabbit) as (out, channel):
        said = [_say(out, str(n), body) for n, body in enumerate(bodies)]
        await asyncio.gather(*said)
        queue = await channel.get_queue(QUEUE, ensure=False)
        assert [(await queue.get(no_ack=True)).body for _ in bodies] == bodies


async def test_what_nobody_waits_for_any_more_is_not_sent(rabbit: Rabbit) -> None:
    async with writing(rabbit) as (out, channel):
        gone, kept = _say(out, "gone", b"gone"), _say(out, "kept", b"kept")
        gone.cancel()
        await kept
        with pytest.raises(asyncio.CancelledError):
            await gone
        queue = await channel.get_queue(QUEUE, ensure=False)
        assert (await queue.get(no_ack=True)).body == b"kept"
