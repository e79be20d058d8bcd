"""A message on RabbitMQ: the names to declare and bind, and the AMQP properties of an envelope.

Free of any client: `properties` gives what aio-pika's, pika's or another client's message takes, and
`envelope` reads it back. All messages go through one topic exchange, `EXCHANGE`, persistent and
confirmed, with their topic as routing key. Each hearer has a quorum queue of its own for each topic.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypedDict
from uuid import UUID

from shared.errors import BadInput
from shared.messages.base import Message
from shared.messages.custom import CustomEvent, topic_of
from shared.messages.envelope import Envelope
from shared.messages.ids import content_id, said_id
from shared.messages.trace import read_trace

EXCHANGE = "gatefleet"
"""The one exchange: durable, of type topic."""
DEAD = "gatefleet.dead"
"""Fanout exchange and queue: where dead letters are parked."""
DELIVERY_LIMIT = 20
"""Deliveries without an answer (crashes, lost connections) before the broker itself parks it."""

JSON = "application/json"
PERSISTENT = 2

H_CAUSE = "x-gatefleet-causation"
H_SENDER = "x-gatefleet-sender"
H_AT = "x-gatefleet-at"
H_TRACE = "traceparent"
H_BESIDE = "x-gatefleet-beside"

HEADERS: Mapping[str, str] = {
    H_SENDER: "The service that says it. Where each is a broker user of its own, `user_id` counts.",
    H_AT: "When it was said: ISO 8601, in UTC, with microseconds; `timestamp` has seconds only.",
    H_CAUSE: "The `message_id` of the message that led to this one; empty: none did.",
    H_TRACE: "W3C trace context; empty: none.",
    H_BESIDE: "The topic on which the same fact was said in the version before, as well. Whoever hears "
    "that one, too, drops this one. Absent: it was not.",
}
"""What each header holds."""

NOT_OURS = "{topic}: message_id or headers are not ours: {error}"


class Properties(TypedDict):
    """The AMQP properties of a message, by the names that AMQP 0-9-1 gives them."""

    content_type: str
    delivery_mode: int
    message_id: str
    correlation_id: str
    type: str
    timestamp: datetime
    user_id: str | None
    headers: dict[str, Any]


def queue_name(service: str, topic: str) -> str:
    """The queue in which `service` hears `topic`; its instances share it."""
    return f"{service}.{topic}"


def queue_arguments() -> dict[str, Any]:
    """Of a durable queue that loses nothing: what is rejected, or kills its consumer, is parked."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def seal(
    message: Message, *, sender: str, at: datetime, cause: Envelope | None = None, key: str = ""
) -> Envelope:
    """The envelope in which `sender` says a message in answer to `cause`, in the same story.

    The id is computed from `key` (of `cause`, if there is none) and the topic: whoever does its work
    again says the same ids again, and everybody drops the repeat. Say each topic once for each key.
    BadInput when there is nothing to compute it from.
    """
    topic = topic_of(message) if isinstance(message, CustomEvent) else message.topic
    if message.restated:
        identity = content_id(topic, message.repo.id, message)
    elif key or cause:
        identity = said_id(f"{sender} {key or (cause and cause.id)}", topic, 0)
    else:
        raise BadInput(
            f"{topic}: without a cause or a key its id cannot be the same again; give one"
        )
    return Envelope(
        id=identity,
        topic=topic,
        body=message.model_dump_json().encode(),
        sender=sender,
        at=at,
        correlation=message.correlation(),
        causation=cause.id if cause else None,
        trace=cause.trace if cause else "",
    )


def properties(envelope: Envelope, *, user: str | None) -> Properties:
    """What rides beside the body. `user`: the broker's user that says it, checked by the broker."""
    headers = {
        H_SENDER: envelope.sender,
        H_AT: envelope.at.astimezone(UTC).isoformat(),
        H_TRACE: envelope.trace,
        H_CAUSE: str(envelope.causation or ""),
    }
    if envelope.beside:
        headers[H_BESIDE] = envelope.beside
    return {
        "content_type": JSON,
        "delivery_mode": PERSISTENT,
        "message_id": str(envelope.id),
        "correlation_id": envelope.correlation,
        "type": envelope.topic,
        "timestamp": envelope.at,
        "user_id": user,
        "headers": headers,
    }


def envelope(body: bytes, said: Mapping[str, object], *, sender: str | None = None) -> Envelope:
    """The envelope of a delivery with the properties `said`; more of them than ours do no harm.

    `sender`: who is proven to have said it, usually the property `user_id`; None: believe the header.
    BadInput when a property that every message of ours has is missing or wrong.
    """
    headers = said.get("headers") or {}
    assert isinstance(headers, Mapping)
    topic = str(said.get("type") or "")
    try:
        return Envelope(
            id=UUID(str(said.get("message_id"))),
            topic=topic,
            body=body,
            sender=str(headers.get(H_SENDER, "")) if sender is None else sender,
            at=_time(headers.get(H_AT), said.get("timestamp")),
            correlation=str(said.get("correlation_id") or ""),
            causation=UUID(str(headers[H_CAUSE])) if headers.get(H_CAUSE) else None,
            trace=str(read_trace(str(headers.get(H_TRACE) or "")) or ""),
            beside=str(headers.get(H_BESIDE) or ""),
        )
    except ValueError as error:
        raise BadInput(NOT_OURS.format(topic=topic, error=error)) from None


def _time(exact: object, timestamp: object) -> datetime:
    if exact:
        return datetime.fromisoformat(str(exact))
    return timestamp if isinstance(timestamp, datetime) else datetime.fromtimestamp(0, UTC)
