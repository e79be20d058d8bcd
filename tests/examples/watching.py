"""What is said on a vhost on which none of our services is: exchanges as the definitions make them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.bus import amqp_names as names
from shared.bus.amqp import AmqpDriver
from shared.clock import SystemClock

Box = asyncio.Queue[AbstractIncomingMessage]


@asynccontextmanager
async def watched(url: str, *patterns: str) -> AsyncIterator[Box]:
    """The exchanges, and a box into which everything said on `patterns` falls."""
    driver = AmqpDriver(url, SystemClock(), shared_identity=True)
    await driver.connect("nobody")
    box: Box = asyncio.Queue()
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        for pattern in patterns:
            await queue.bind(names.EXCHANGE, pattern)
        await queue.consume(box.put, no_ack=True)
        yield box
    await driver.close()
