"""A broker with no room for more is not filled further: here one that counts its files, and is full."""

import aio_pika

from tests.broker_node import BrokerNode, broker_node
from tests.brokers import NO_ROOM, Broker
from tests.services_at_hand import NO_NODE, missing

LIMIT = "file_handle_cache:set_limit({most})."


async def test_more_than_half_of_the_files_open_is_no_room() -> None:
    try:
        with broker_node() as node:
            await _fill(node)
    except FileNotFoundError:
        missing(NO_NODE)


async def _fill(node: BrokerNode) -> None:
    broker = Broker(f"127.0.0.1:{node.port}", node.call)
    async with await aio_pika.connect(node.url) as connection:
        channel = await connection.channel()
        for number in range(10):
            await channel.declare_queue(
                str(number), durable=True, arguments={"x-queue-type": "quorum"}
            )
    assert broker.renew(made=["one"], gone=[]) == ""
    counts = node.call("eval", LIMIT.format(most=50)).returncode == 0  # RabbitMQ 4 counts none
    assert broker.renew(made=["two"], gone=["one"]) == (NO_ROOM if counts else "")
    there = node.ctl("list_vhosts").split()
    assert "one" not in there
    assert ("two" in there) is not counts
