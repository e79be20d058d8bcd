"""The peer of `bus`: aio-pika as its own examples use it, each message by itself, no state kept."""

import asyncio
import time
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.bus import amqp_names as names
from shared.bus.amqp_wire import to_amqp
from shared.messages import Envelope

QUEUE, ANSWERS = "bench.raw", "bench.raw.answers"
PREFETCH = 100
QUORUM = {"x-queue-type": "quorum"}
AT_A_TIME = 200


@dataclass(frozen=True)
class Raw:
    """One vhost of a broker, by URL."""

    url: str

    async def fill(self, envelopes: list[Envelope]) -> None:
        """Publish to the product's own exchange, confirmed."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            exchange = await channel.get_exchange(names.EXCHANGE, ensure=False)
            for start in range(0, len(envelopes), AT_A_TIME):
                await asyncio.gather(*(
                    exchange.publish(to_amqp(each, user=None), each.topic)
                    for each in envelopes[start : start + AT_A_TIME]
                ))  # fmt: skip

    async def consumed(self, envelopes: list[Envelope]) -> tuple[float, float]:
        """Seconds, by the wall and of CPU, of consuming all and acknowledging each."""
        return await self._worked(envelopes, answers=False)

    async def answered(self, envelopes: list[Envelope]) -> tuple[float, float]:
        """Seconds, by the wall and of CPU, of publishing one with confirm for each as well."""
        return await self._worked(envelopes, answers=True)

    async def delete(self, *queues: str) -> None:
        """Delete queues with what is in them."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            for queue in queues:
                await channel.queue_delete(queue, if_unused=False, if_empty=False)

    async def _worked(self, envelopes: list[Envelope], *, answers: bool) -> tuple[float, float]:
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

            began, cpu_began = time.perf_counter(), time.process_time()
            await queue.consume(handle)  # a task for each delivery: as many as were prefetched
            await done.wait()
            taken = time.perf_counter() - began, time.process_time() - cpu_began
        await self.delete(QUEUE, ANSWERS)
        return taken

    async def _filled(self, channel: AbstractChannel, envelopes: list[Envelope]) -> None:
        await channel.declare_queue(QUEUE, durable=True, arguments=dict(QUORUM))
        for start in range(0, len(envelopes), AT_A_TIME):
            await asyncio.gather(*(
                channel.default_exchange.publish(to_amqp(each, user=None), QUEUE)
                for each in envelopes[start : start + AT_A_TIME]
            ))  # fmt: skip
