"""A notifier from the AsyncAPI document alone: prints what waits for a person, and says that it told.

It imports nothing of Gatefleet: exchange, queues, topics and schemas are read from the document.
Run it: python plain_aio_pika.py asyncapi.json amqp://notifier:SECRET@localhost:5672/
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import aio_pika
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

ME, SAYS, EVENT = "notifier", "anyone.says.custom.NAME.v1", "notifier.told"
DOCUMENT: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
URL = sys.argv[2]
LINES = {
    "gate.issue.presented.v1": "{repo}#{issue}: read the text and decide whether an agent may work on it",
    "gate.pull_request.evaluated.v1": "{repo}: pull request {pull_request} of #{issue} is ready to merge",
}


def channel_of(topic: str, word: str) -> dict[str, Any]:
    """The first channel on which a topic is said (`exchange`), or heard (`queue`)."""
    return next(
        channel for channel in DOCUMENT["channels"].values()
        if channel["address"] == topic and word in channel["bindings"]["amqp"]
    )  # fmt: skip


def check(channel: dict[str, Any], payload: Any) -> None:
    """ValidationError for a payload that is no message of this channel."""
    [message] = channel["messages"].values()
    name = message["$ref"].removeprefix("#/components/messages/").replace("%23", "#")
    schema = DOCUMENT["components"]["messages"][name]["payload"]
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(payload)


async def tell(delivery: AbstractIncomingMessage, exchange: AbstractExchange) -> None:
    """Prints, says that it did, then acknowledges. What it cannot read is rejected, which parks it."""
    topic = delivery.routing_key or ""
    async with delivery.process(requeue=False):
        fact = json.loads(delivery.body)
        check(channel_of(topic, "exchange"), fact)
        if not fact.get("open", True):  # gate 2 is not open yet: nobody needs to do anything
            return
        line = LINES[topic].format(**{**fact, "repo": "{owner}/{name}".format(**fact["repo"])})
        print(line, flush=True)
        event = {"repo": fact["repo"], "name": EVENT, "data": {"line": line}}
        check(DOCUMENT["channels"][SAYS], event)
        await exchange.publish(said(event, delivery), f"custom.{EVENT}.v1")


def said(event: dict[str, Any], cause: AbstractIncomingMessage) -> aio_pika.Message:
    """With the properties that the document asks for; told again, it has the same id."""
    now = datetime.now(UTC)
    return aio_pika.Message(
        json.dumps(event).encode(), content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT, timestamp=now,
        message_id=str(uuid5(NAMESPACE_URL, f"{ME}/{EVENT}/{cause.message_id}")),
        type=f"custom.{EVENT}.v1", correlation_id=cause.correlation_id,
        user_id=urlsplit(URL).username,
        headers={
            "x-gatefleet-sender": ME, "x-gatefleet-at": now.isoformat(),
            "x-gatefleet-causation": cause.message_id or "",
            "traceparent": cause.headers.get("traceparent", ""),
        },
    )  # fmt: skip


async def main() -> None:
    """Hear until the connection ends or somebody stops it."""
    async with await aio_pika.connect(URL) as connection:
        channel = await connection.channel(on_return_raises=True)
        await channel.set_qos(prefetch_count=10)
        name = channel_of(next(iter(LINES)), "exchange")["bindings"]["amqp"]["exchange"]["name"]
        exchange = await channel.get_exchange(name)
        for topic in LINES:
            arguments = channel_of(topic, "queue")["x-queue-arguments"]
            queue = await channel.declare_queue(f"{ME}.{topic}", durable=True, arguments=arguments)
            await queue.bind(exchange, topic)
            await queue.consume(lambda delivery: tell(delivery, exchange))
        await connection.closed()


if __name__ == "__main__":
    asyncio.run(main())
