"""fedora-messaging: its blocking publish, and its consumer on Twisted.

The queue and the exchange are made beforehand, as its server-side configuration does. Its publisher has
one confirm in flight at a time, and its consumer acknowledges each message by itself.
"""

import logging
import threading
from contextlib import suppress

import pika
from fedora_messaging import api, config, exceptions, message

from tests.bench.peers.timing import PREFETCH, QUEUE, QUORUM, Countdown, asked, clock, tell

URL, COUNT, BODY = asked()
EXCHANGE = "amq.topic"


def _configure() -> None:
    binding = {"queue": QUEUE, "exchange": EXCHANGE, "routing_keys": ["#"]}
    queue = {"durable": True, "auto_delete": False, "exclusive": False, "arguments": QUORUM}
    config.conf.load_config()
    config.conf["amqp_url"] = URL
    config.conf["publish_exchange"] = EXCHANGE
    config.conf["exchanges"] = {}
    config.conf["bindings"] = [binding]
    config.conf["queues"] = {QUEUE: queue}
    config.conf["qos"] = {"prefetch_size": 0, "prefetch_count": PREFETCH}
    config.conf["passive_declares"] = False
    config.conf["tls"] = {"ca_cert": None, "certfile": None, "keyfile": None}


def main() -> None:
    logging.disable(logging.WARNING)
    _configure()
    connection = pika.BlockingConnection(pika.URLParameters(URL))
    channel = connection.channel()
    channel.queue_declare(QUEUE, durable=True, arguments=QUORUM)
    channel.queue_bind(QUEUE, EXCHANGE, "#")
    connection.close()
    text = BODY.decode()
    spent = clock()
    for _ in range(COUNT):
        api.publish(message.Message(topic="bench", body={"why": text}))
    published = spent()
    down, done = Countdown(COUNT), threading.Event()

    def handle(_message: message.Message) -> None:
        if down.handled():
            done.set()
            raise exceptions.HaltConsumer(exit_code=0)

    with suppress(exceptions.HaltConsumer):  # raised or not, as it happens
        api.consume(handle)
    done.wait()
    connection = pika.BlockingConnection(pika.URLParameters(URL))
    connection.channel().queue_delete(QUEUE)
    connection.close()
    tell(publish=published, consume=down.spent)


if __name__ == "__main__":
    main()
