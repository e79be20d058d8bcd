"""FastStream. With `tuned` as a fourth word: no injection, no log lines, prefetch as the limit."""

import asyncio
import sys
from typing import Any

import aio_pika
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from tests.bench.peers.timing import IN_FLIGHT, PREFETCH, QUEUE, Countdown, asked, clock, tell

URL, COUNT, BODY = asked()
TUNED = sys.argv[4:] == ["tuned"]


def _broker() -> RabbitBroker:
    if not TUNED:
        return RabbitBroker(URL)
    return RabbitBroker(URL, apply_types=False, logger=None)


async def main() -> None:
    queue = RabbitQueue(QUEUE, queue_type=QueueType.QUORUM, durable=True)
    text = BODY.decode()
    publishing = _broker()
    await publishing.connect()
    await publishing.declare_queue(queue)
    left = iter(range(COUNT))

    async def one_after_the_other() -> None:
        for _ in left:
            await publishing.publish({"why": text}, queue=queue, persist=True)

    spent = clock()
    await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))
    published = spent()
    await publishing.stop()

    consuming = _broker()
    down, done = Countdown(COUNT), asyncio.Event()

    async def handle(_message: dict[str, str]) -> None:
        if down.handled():
            done.set()

    if TUNED:  # else it has its own default, which is no limit at all
        consuming.subscriber(queue, channel=Channel(prefetch_count=PREFETCH))(handle)
    else:
        consuming.subscriber(queue)(handle)
    down.begin()
    await consuming.start()
    await done.wait()
    await consuming.stop()
    await _delete()
    tell(publish=published, consume=down.spent)


async def _delete() -> None:
    connection: Any = await aio_pika.connect(URL)
    async with connection:
        channel = await connection.channel()
        await channel.queue_delete(QUEUE, if_unused=False, if_empty=False)


if __name__ == "__main__":
    asyncio.run(main())
