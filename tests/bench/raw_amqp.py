"""The first peer of `bus`: aio-pika as its own examples use it, each message by itself, no state kept."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from shared.bus import amqp_names as names
from shared.messages import Envelope
from tests.amqp_messages import to_amqp

QUEUE, ANSWERS = "bench.raw", "bench.raw.answers"
PREFETCH = 100
IN_FLIGHT = 100
QUORUM = {"x-queue-type": "quorum"}
AT_A_TIME = 200


@dataclass(frozen=True)
class Spent:
    """What something took, in seconds; the processor's are of this process alone."""

    wall_s: float
    cpu_s: float


def spent_since() -> Callable[[], Spent]:
    """Asked later, it tells what was spent from now to then."""
    began, cpu_began = time.perf_counter(), time.process_time()
    return lambda: Spent(time.perf_counter() - began, time.process_time() - cpu_began)


@dataclass(frozen=True)
class Raw:
    """One vhost of a broker, by URL."""

    url: str

    async def to_exchange(
        self, connection: AbstractConnection
    ) -> Callable[[Envelope], Awaitable[None]]:
        """Publishes to the product's own exchange, confirmed."""
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange(names.EXCHANGE, ensure=False)

        async def publish(envelope: Envelope) -> None:
            await exchange.publish(to_amqp(envelope, user=None), envelope.topic)

        return publish

    async def fill(self, envelopes: list[Envelope]) -> None:
        """Publish all of them there."""
        async with await aio_pika.connect(self.url) as connection:
            publish = await self.to_exchange(connection)
            for start in range(0, len(envelopes), AT_A_TIME):
                await asyncio.gather(*map(publish, envelopes[start : start + AT_A_TIME]))

    async def published(self, envelopes: list[Envelope]) -> Spent:
        """Publish all, confirmed, one hundred at a time."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel(publisher_confirms=True)
            await channel.declare_queue(QUEUE, durable=True, arguments=dict(QUORUM))
            left = iter(envelopes)

            async def one_after_the_other() -> None:
                for each in left:
                    message = aio_pika.Message(
                        each.body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT
                    )
                    await channel.default_exchange.publish(message, QUEUE)

            since = spent_since()
            await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))
            spent = since()
        await self.delete(QUEUE)
        return spent

    async def consumed(self, envelopes: list[Envelope]) -> Spent:
        """Consume all and acknowledge each."""
        return await self._worked(envelopes, answers=False)

    async def answered(self, envelopes: list[Envelope]) -> Spent:
        """Consume all, publish one with confirm for each, and acknowledge each."""
        return await self._worked(envelopes, answers=True)

    async def delete(self, *queues: str) -> None:
        """Delete queues with what is in them."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            for queue in queues:
                await channel.queue_delete(queue, if_unused=False, if_empty=False)

    async def _worked(self, envelopes: list[Envelope], *, answers: bool) -> Spent:
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel(publisher_confirms=True)
            await self._filled(channel, envelopes)
            await channel.declare_queue(ANSWERS, durable=True, arguments=dict(QUORUM))
            consuming = await connection.channel()
            await consuming.set_qos(prefetch_count=PREFETCH)
            queue = await consuming.get_queue(QUEUE, ensure=False)
            left, done = len(envelopes), asyncio.Event()

            async def handle(message: AbstractIncomingMessage) -> None:
                nonlocal left
                if answers:
                    answer = aio_pika.Message(
                        message.body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT
                    )
                    await channel.default_exchange.publish(answer, ANSWERS)
                await message.ack()
                left -= 1
                if not left:
                    done.set()

            since = spent_since()
            await queue.consume(handle)  # a task for each delivery: as many as were prefetched
            await done.wait()
            spent = since()
        await self.delete(QUEUE, ANSWERS)
        return spent

    async def _filled(self, channel: AbstractChannel, envelopes: list[Envelope]) -> None:
        await channel.declare_queue(QUEUE, durable=True, arguments=dict(QUORUM))
        for start in range(0, len(envelopes), AT_A_TIME):
            await asyncio.gather(*(
                channel.default_exchange.publish(to_amqp(each, user=None), QUEUE)
                for each in envelopes[start : start + AT_A_TIME]
            ))  # fmt: skip
