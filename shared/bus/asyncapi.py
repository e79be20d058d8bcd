"""The AsyncAPI 3 document of the bus, by FastStream, from a broker that never connects."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from faststream.rabbit import ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.specification import AsyncAPI

from shared.bus import amqp_names
from shared.bus.driver import Queue
from shared.bus.party import Party
from shared.messages import Message, said_when, wire
from shared.messages.custom import CustomEvent

TITLE = "Gatefleet"
DESCRIPTION = (
    "The messages of Gatefleet's services: who says and who hears each. See messages.md. A service of "
    "your own hears a topic in a durable queue of its own, named `SERVICE.TOPIC`, declared with the "
    "channel's `x-queue-arguments` and bound to the exchange with the topic as routing key; it looks "
    "for the exchange and does not declare it. It says with publisher confirms, mandatory, persistent."
)
ANYONE = "anyone.says.custom.NAME.v1"
ANYONE_SAYS = "Sent by anyone who may: an event of one's own, which a policy can react to."
NAME_SAYS = "Lower-case words joined by dots, as in the payload's `name`: sentry.alert"
PROPERTIES: dict[str, dict[str, Any]] = {
    "message_id": {
        "type": "string", "format": "uuid",
        "description": "The same for the same fact, however often it is said: drop what is known.",
    },
    "type": {"type": "string", "description": "The topic; the routing key as well."},
    "correlation_id": {
        "type": "string",
        "description": "The story: owner/name#N; before there is a number owner/name!RUN.",
    },
    "timestamp": {"description": "When it was said, as AMQP's timestamp: in seconds."},
    "user_id": {
        "type": ["string", "null"],
        "description": "The broker's user that says it, checked by the broker: who may say what is "
        "decided by it.",
    },
    "content_type": {"const": wire.JSON},
    "delivery_mode": {"const": wire.PERSISTENT, "description": "Persistent."},
}  # fmt: skip
"""What each property of AMQP holds."""
URL = "amqp://localhost:5672/"

_COLON = re.compile(r":(?=(?:Subscribe)?Message\")")


def asyncapi(parties: Sequence[Party], *, version: str) -> str:
    """The document as JSON, the same text for the same parties."""
    broker = RabbitBroker(URL, specification_url=URL)
    exchange = RabbitExchange(amqp_names.EXCHANGE, type=ExchangeType.TOPIC, durable=True)
    for party in parties:
        for kind in _sorted(party.hears):
            queue = _queue(party, kind)
            title = f"{party.name}.hears.{kind.topic}"
            # One broker describes all services, so the same message has many subscribers.
            broker.subscriber(queue, exchange, title=title, description=said_when(kind))(
                _handler(kind)
            )
        for kind in _sorted(party.says):
            title = f"{party.name}.says.{kind.topic}"
            broker.publisher(
                routing_key=kind.topic, exchange=exchange, title=title,
                description=said_when(kind), schema=kind, persist=True,
            )  # fmt: skip
    broker.publisher(
        routing_key="custom.{name}.v1", exchange=exchange, title=ANYONE, description=ANYONE_SAYS,
        schema=CustomEvent, persist=True,
    )  # fmt: skip
    made = AsyncAPI(broker, title=TITLE, version=version, description=DESCRIPTION)
    document = json.loads(_tidied(made.to_specification().to_json()))
    _complete(document)
    return _shown(document)


def _complete(document: dict[str, Any]) -> None:
    """What the library does not tell, and a stranger needs: properties, headers, queue arguments."""
    document["components"]["messageTraits"] = {"envelope": {
        "contentType": wire.JSON,
        "headers": {
            "type": "object", "required": [wire.H_SENDER, wire.H_AT],
            "properties": {
                name: {"type": "string", "description": text} for name, text in wire.HEADERS.items()
            },
        },
        "x-amqp-properties": {
            "type": "object", "required": [*PROPERTIES], "properties": PROPERTIES,
        },
    }}  # fmt: skip
    for message in document["components"]["messages"].values():
        message["traits"] = [{"$ref": "#/components/messageTraits/envelope"}]
    for name, channel in document["channels"].items():
        binding = channel["bindings"]["amqp"]
        if binding["is"] == "queue":
            every = ".INSTANCE." in binding["queue"]["name"]
            queue = Queue(binding["queue"]["name"], (channel["address"],), instance=every)
            channel["x-queue-arguments"] = amqp_names.queue_arguments(queue)
            channel["x-exchange"] = amqp_names.EXCHANGE
        else:
            document["operations"][name]["bindings"]["amqp"]["userId"] = name.partition(".says.")[0]
    document["channels"][ANYONE]["parameters"] = {"name": {"description": NAME_SAYS}}
    del document["operations"][ANYONE]["bindings"]["amqp"]["userId"]


def _queue(party: Party, kind: type[Message]) -> RabbitQueue:
    instance = ".INSTANCE" if kind in party.every_instance else ""
    name = f"{party.name}{instance}.{kind.topic}"
    return RabbitQueue(name, queue_type=QueueType.QUORUM, durable=True, routing_key=kind.topic)


def _handler(kind: type[Message]) -> Callable[[Message], Awaitable[None]]:
    """A function whose signature names the message: that is what is described."""

    async def hear(message: Message) -> None:
        """Never called: the broker never connects."""

    hear.__annotations__["message"] = kind
    return hear


def _tidied(text: str) -> str:
    """With names of components that AsyncAPI allows (no colon)."""
    return _COLON.sub(".", _shown(json.loads(text)))


def _shown(document: dict[str, Any]) -> str:
    """The same text for the same document."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _sorted(kinds: frozenset[type[Message]]) -> list[type[Message]]:
    return sorted(kinds, key=lambda kind: kind.topic)
