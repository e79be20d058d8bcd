"""taskiq with its RabbitMQ broker: tasks with one argument, one receiver in this process."""

import asyncio
from typing import Any

import aio_pika
from taskiq.api import run_receiver_task
from taskiq_aio_pika import AioPikaBroker, Queue, QueueType

from tests.bench.peers.timing import IN_FLIGHT, PREFETCH, QUEUE, Countdown, asked, clock, tell

URL, COUNT, BODY = asked()


def _broker() -> Any:
    made = AioPikaBroker(URL, qos=PREFETCH)
    made.is_worker_process = True  # else it opens no channel to consume on
    return made.with_queue(Queue(name=QUEUE, type=QueueType.QUORUM))


async def main() -> None:
    broker = _broker()
    down, done = Countdown(COUNT), asyncio.Event()

    async def handle(_why: str) -> None:
        if down.handled():
            done.set()

    task = broker.register_task(handle, task_name="bench")
    await broker.startup()
    left, text = iter(range(COUNT)), BODY.decode()

    async def one_after_the_other() -> None:
        for _ in left:
            await task.kiq(text)

    spent = clock()
    await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))
    published = spent()
    receiving = asyncio.create_task(run_receiver_task(broker, max_async_tasks=PREFETCH))
    await done.wait()
    receiving.cancel()
    await asyncio.gather(receiving, return_exceptions=True)
    await broker.shutdown()
    async with await aio_pika.connect(URL) as connection:
        channel = await connection.channel()
        await channel.queue_delete(QUEUE, if_unused=False, if_empty=False)
    tell(publish=published, consume=down.spent)


if __name__ == "__main__":
    asyncio.run(main())
