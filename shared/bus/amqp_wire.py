"""Envelopes as what the client takes and gives; how they look on the wire is told in messages/wire."""

from collections.abc import Mapping
from datetime import datetime

from aio_pika.abc import HeadersType
from aiormq.abc import AbstractChannel, DeliveredMessage
from aiormq.exceptions import ChannelInvalidStateError
from pamqp.commands import Basic

from shared.bus import amqp_names as names
from shared.bus.amqp_writing import Saying
from shared.errors import BadInput
from shared.messages import Envelope, wire


class Incoming:
    """A delivery as the client's lower half gives it, with what is read of it."""

    __slots__ = (
        "_channel", "_properties", "body", "delivery_tag", "envelope", "headers", "routing_key",
        "wrong",
    )  # fmt: skip

    def __init__(self, message: DeliveredMessage) -> None:
        self._channel = message.channel
        self._properties = message.header.properties
        self.body = message.body
        self.delivery_tag = message.delivery_tag or 0
        self.headers: HeadersType = self._properties.headers or {}
        self.routing_key = message.routing_key
        self.envelope: Envelope | None = None
        """None: not read yet, or none of ours, and then `wrong` says why."""
        self.wrong = ""

    def read(self, *, proven: bool, me: str | None) -> None:
        """As `from_amqp`; what is wrong is kept."""
        try:
            self.envelope = from_amqp(self, proven=proven, me=me)
        except BadInput as error:
            self.wrong = str(error)

    @property
    def channel(self) -> AbstractChannel:
        """ChannelInvalidStateError once it is closed: nothing can be settled there any more."""
        if self._channel.is_closed:
            raise ChannelInvalidStateError
        return self._channel

    @property
    def message_id(self) -> str | None:
        """As it was set by whoever sent it."""
        return self._properties.message_id

    @property
    def type(self) -> str | None:
        """The topic."""
        return self._properties.message_type

    @property
    def correlation_id(self) -> str | None:
        """The story it belongs to."""
        return self._properties.correlation_id

    @property
    def timestamp(self) -> datetime | None:
        """When it was said, to the second."""
        return self._properties.timestamp

    @property
    def user_id(self) -> str | None:
        """The broker's user, checked there."""
        return self._properties.user_id


def saying(
    envelope: Envelope, exchange: str, key: str, *, user: str | None,
    extra: Mapping[str, str | int] | None = None,
) -> Saying:  # fmt: skip
    """`user`: the broker's user that says it, checked there; None where all are one user. `extra`:
    more headers."""
    said = wire.properties(envelope, user=user)
    if extra:
        said["headers"].update(extra)
    properties = Basic.Properties(
        content_type=said["content_type"],
        delivery_mode=said["delivery_mode"],
        headers=said["headers"],
        message_id=said["message_id"],
        correlation_id=said["correlation_id"],
        message_type=said["type"],
        timestamp=said["timestamp"],
        user_id=said["user_id"],
    )
    return Saying(exchange, key, properties, envelope.body)


def from_amqp(message: Incoming, *, proven: bool, me: str | None = None) -> Envelope:
    """BadInput when a property that every message of ours has is missing or wrong.

    `proven`: the sender is the broker's `user_id`, not what a header claims. `me`: this service's
    own user. What it put into a retry tier itself comes back with its own `user_id`, and its header
    still says who had said it: nobody else can have written that.
    """
    own_retry = message.user_id == me and names.H_ATTEMPT in message.headers
    sender = str(message.user_id or "") if proven and not own_retry else None
    said = {
        "message_id": message.message_id,
        "type": message.type or message.routing_key,
        "correlation_id": message.correlation_id,
        "timestamp": message.timestamp,
        "headers": message.headers,
    }
    return wire.envelope(message.body, said, sender=sender)


def attempt_of(message: Incoming) -> int:
    """1 the first time; deliveries that ended in a crash count as well."""
    ours = message.headers.get(names.H_ATTEMPT, 1)
    crashed = message.headers.get("x-delivery-count", 0)
    return (ours if isinstance(ours, int) else 1) + (crashed if isinstance(crashed, int) else 0)
