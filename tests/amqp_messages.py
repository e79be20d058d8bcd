"""Envelopes as aio-pika's messages, for whoever speaks to a broker without the product's driver."""

from aio_pika import Message
from aio_pika.abc import HeadersType

from shared.messages import Envelope, wire


def to_amqp(envelope: Envelope, *, user: str | None, extra: HeadersType | None = None) -> Message:
    """`user`: the broker's user that says it, checked there; None where all are one user."""
    said = wire.properties(envelope, user=user)
    headers: HeadersType = {**said["headers"], **(extra or {})}
    return Message(
        envelope.body,
        headers=headers,
        content_type=said["content_type"],
        delivery_mode=said["delivery_mode"],
        message_id=said["message_id"],
        correlation_id=said["correlation_id"],
        type=said["type"],
        timestamp=said["timestamp"],
        user_id=said["user_id"],
    )
