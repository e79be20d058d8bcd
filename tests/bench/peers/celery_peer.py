"""Celery: tasks with one argument, late acknowledgement, a worker of this process's own.

Its publisher has one confirm in flight at a time: there is no other way in its API.
"""

import logging
import os

from celery import Celery
from kombu import Connection, Exchange, Queue

from tests.bench.peers.timing import PREFETCH, QUEUE, QUORUM, Countdown, asked, clock, tell

URL, COUNT, BODY = asked()


def main() -> None:
    logging.disable(logging.WARNING)
    app = Celery("bench", broker=URL.replace("amqp://", "pyamqp://", 1))
    app.conf.update(
        broker_transport_options={"confirm_publish": True},
        broker_connection_retry_on_startup=True,
        task_acks_late=True,
        task_ignore_result=True,
        task_default_queue=QUEUE,
        task_queues=[Queue(QUEUE, Exchange(QUEUE), QUEUE, queue_arguments=QUORUM)],
        worker_prefetch_multiplier=PREFETCH,
        worker_send_task_events=False,
        worker_redirect_stdouts=False,
    )

    down = Countdown(COUNT)
    published = (0.0, 0.0)

    def handle(_why: str) -> None:
        if down.handled():
            with Connection(app.conf.broker_url) as connection:
                connection.default_channel.queue_delete(QUEUE)
            tell(publish=published, consume=down.spent)
            os._exit(0)  # a worker takes its time to end

    task = app.task(handle, name="bench")
    text = BODY.decode()
    spent = clock()
    with app.producer_pool.acquire(block=True) as producer:
        for _ in range(COUNT):
            task.apply_async((text,), producer=producer)
    published = spent()
    worker = app.Worker(
        pool="solo", concurrency=1, hostname="bench@localhost", without_gossip=True,
        without_mingle=True, without_heartbeat=True, loglevel="ERROR",
    )  # fmt: skip
    worker.start()


if __name__ == "__main__":
    main()
