"""Envelopes as AMQP messages and back: metadata in properties, the body as it is."""

from datetime import UTC, datetime
from uuid import UUID

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractIncomingMessage, HeadersType

from shared.bus import amqp_names as names
from shared.errors import BadInput
from shared.messages import Envelope
from shared.messages.trace import read_trace


def to_amqp(envelope: Envelope, *, user: str | None, extra: HeadersType | None = None) -> Message:
    """`user`: the broker's user that says it, checked there; None where all are one user."""
    headers: HeadersType = {
        names.H_SENDER: envelope.sender,
        names.H_AT: envelope.at.astimezone(UTC).isoformat(),
        names.H_TRACE: envelope.trace,
        names.H_CAUSE: str(envelope.causation or ""),
        **(extra or {}),
    }
    return Message(
        envelope.body,
        content_type="application/json",
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=str(envelope.id),
        correlation_id=envelope.correlation,
        type=envelope.topic,
        timestamp=envelope.at,
        user_id=user,
        headers=headers,
    )


def from_amqp(message: AbstractIncomingMessage, *, proven: bool, me: str | None = None) -> Envelope:
    """BadInput when a property that every message of ours has is missing or wrong.

    `proven`: the sender is the broker's `user_id`, not what a header claims. `me`: this service's
    own user. What it put into a retry tier itself comes back with its own `user_id`, and its header
    still says who had said it: nobody else can have written that.
    """
    headers = message.headers
    try:
        return Envelope(
            id=UUID(str(message.message_id)),
            topic=str(message.type or message.routing_key or ""),
            body=message.body,
            sender=_sender(message, proven=proven, me=me),
            at=_time(message),
            correlation=str(message.correlation_id or ""),
            causation=UUID(str(headers[names.H_CAUSE])) if headers.get(names.H_CAUSE) else None,
            trace=str(read_trace(str(headers.get(names.H_TRACE) or "")) or ""),
        )
    except ValueError as error:
        raise BadInput(
            f"{message.routing_key}: message_id or headers are not ours: {error}"
        ) from None


def _sender(message: AbstractIncomingMessage, *, proven: bool, me: str | None) -> str:
    own_retry = message.user_id == me and names.H_ATTEMPT in message.headers
    if proven and not own_retry:
        return str(message.user_id or "")
    return str(message.headers.get(names.H_SENDER, ""))


def attempt_of(message: AbstractIncomingMessage) -> int:
    """1 the first time; deliveries that ended in a crash count as well."""
    ours = message.headers.get(names.H_ATTEMPT, 1)
    crashed = message.headers.get("x-delivery-count", 0)
    return (ours if isinstance(ours, int) else 1) + (crashed if isinstance(crashed, int) else 0)


def _time(message: AbstractIncomingMessage) -> datetime:
    exact = message.headers.get(names.H_AT)
    if exact:
        return datetime.fromisoformat(str(exact))
    return message.timestamp or datetime.fromtimestamp(0, UTC)
