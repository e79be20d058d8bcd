"""The AsyncAPI 3 document of the bus, by FastStream, from a broker that never connects."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence

from faststream.rabbit import ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.specification import AsyncAPI

from shared.bus import amqp_names
from shared.bus.party import Party
from shared.messages import Message, said_when

TITLE = "Gatefleet"
DESCRIPTION = "The messages of Gatefleet's services: who says and who hears each. See messages.md."
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
                description=said_when(kind), schema=kind,
            )  # fmt: skip
    made = AsyncAPI(broker, title=TITLE, version=version, description=DESCRIPTION)
    return _tidied(made.to_specification().to_json())


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
    """Sorted, and with names of components that AsyncAPI allows (no colon)."""
    shown = json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False)
    return _COLON.sub(".", shown) + "\n"


def _sorted(kinds: frozenset[type[Message]]) -> list[type[Message]]:
    return sorted(kinds, key=lambda kind: kind.topic)
