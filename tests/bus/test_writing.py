"""Many publishes in one write: each has its own answer all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import PublishError
from aiormq.channel import Channel
from aiormq.exceptions import ChannelNotFoundEntity
from pamqp.commands import Basic

from shared.bus.amqp_writing import AT_ONCE_BYTES, Writing
from tests.bus.rabbit import Rabbit

QUEUE = "scheduler.written"


@asynccontextmanager
async def writing(rabbit: Rabbit) -> AsyncIterator[tuple[Writing, AbstractChannel]]:
    """On a channel with confirms, beside a queue of that name."""
    async with await aio_pika.connect(rabbit.url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        below = await channel.get_underlay_channel()
        assert isinstance(below, Channel)
        yield Writing(below), channel


def _named(name: str) -> Basic.Properties:
    return Basic.Properties(message_id=name, delivery_mode=2)


async def test_what_comes_back_among_many_is_told_to_whoever_said_it(rabbit: Rabbit) -> None:
    keys = [QUEUE if number % 3 else "nobody" for number in range(90)]
    async with writing(rabbit) as (out, _):
        said = [out.publish("", key, _named(str(n)), b"x") for n, key in enumerate(keys)]
        answers = await asyncio.gather(*said, return_exceptions=True)
    assert [isinstance(answer, PublishError) for answer in answers] == [k != QUEUE for k in keys]


async def test_bodies_of_every_size_arrive_as_they_were_in_their_order(rabbit: Rabbit) -> None:
    sizes = [0, 1, 4_096, 131_072, AT_ONCE_BYTES, AT_ONCE_BYTES + 1, 3 * AT_ONCE_BYTES, 7]
    bodies = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    async with writing(rabbit) as (out, channel):
        said = [out.publish("", QUEUE, _named(str(n)), body) for n, body in enumerate(bodies)]
        await asyncio.gather(*said)
        queue = await channel.get_queue(QUEUE, ensure=False)
        assert [(await queue.get(no_ack=True)).body for _ in bodies] == bodies


async def test_a_closed_channel_leaves_nobody_waiting(rabbit: Rabbit) -> None:
    exchanges = ["", "", "no.such.exchange", "", ""]
    async with writing(rabbit) as (out, _):
        said = [out.publish(at, QUEUE, _named(str(n)), b"x") for n, at in enumerate(exchanges)]
        answers = await asyncio.gather(*said, return_exceptions=True)
    assert isinstance(answers[2], ChannelNotFoundEntity)
    assert all(each is None or isinstance(each, ChannelNotFoundEntity) for each in answers)


async def test_what_nobody_waits_for_any_more_is_not_sent(rabbit: Rabbit) -> None:
    async with writing(rabbit) as (out, channel):
        gone = asyncio.create_task(out.publish("", QUEUE, _named("gone"), b"gone"))
        kept = asyncio.create_task(out.publish("", QUEUE, _named("kept"), b"kept"))
        gone.cancel()
        await kept
        with pytest.raises(asyncio.CancelledError):
            await gone
        queue = await channel.get_queue(QUEUE, ensure=False)
        assert (await queue.get(no_ack=True)).body == b"kept"
