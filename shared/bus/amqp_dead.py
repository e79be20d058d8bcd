"""What a message in the parking queue tells of its death, and the same message alive again. Pure.

There are two kinds. A consumer that gave a message up published it there, with the reason in headers.
One that the broker itself dead-lettered (rejected, or delivered too often) carries its `x-death`.
Headers are anybody's; what is believed of them is what only their author could have written.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid5

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractIncomingMessage, HeadersType

from shared.bus import amqp_names as names
from shared.bus.letter import Letter
from shared.messages import wire

BY_BROKER = {
    "rejected": "the broker parked it: it is no message of ours (no id, or other headers)",
    "delivery_limit": "the broker parked it: it was delivered too often without an answer",
    "expired": "the broker parked it: it was not taken in time",
    "maxlen": "the broker parked it: the queue was full",
}
OTHERWISE = "the broker parked it: {reason}"
UNKNOWN = "nobody said why"
DEATH = "x-death"
_OF_A_DEATH = frozenset({
    DEATH, names.H_REASON, names.H_TRACEBACK, names.H_QUEUE, names.H_ATTEMPT,
    "x-delivery-count", "x-acquired-count", "x-opt-rmq-acquired-count",
})  # fmt: skip
_DEATHS = ("x-first-death-", "x-last-death-")
_SPACE = uuid5(UUID(int=0), "gatefleet.dead")


def letter(message: AbstractIncomingMessage) -> Letter:
    """The letter that a parked message is."""
    headers = message.headers
    death = _death(headers)
    queue = str(death.get("queue") or "") if death else str(headers.get(names.H_QUEUE) or "")
    reason = str(headers.get(names.H_REASON) or UNKNOWN)
    if death:
        name = str(death.get("reason") or "")
        reason = BY_BROKER.get(name, OTHERWISE.format(reason=name))
    died = death.get("time") if death else None
    return Letter(
        place=message.delivery_tag or 0, id=_id(message), queue=queue, topic=_topic(message, death),
        sender=_sender(message, queue) or "", said_at=_said_at(message),
        correlation=str(message.correlation_id or ""),
        causation=str(headers.get(wire.H_CAUSE) or ""), reason=reason,
        traceback="" if death else str(headers.get(names.H_TRACEBACK) or ""),
        size=len(message.body), body=message.body,
        died_at=died if isinstance(died, datetime) else None,
    )  # fmt: skip


def again(message: AbstractIncomingMessage) -> Message:
    """As it was said: its own id, sender and properties, and nothing of its death or of its tries."""
    return _copy(message, letter(message), without_death=True)


def renewed(message: AbstractIncomingMessage) -> Message:
    """The same letter, to lie in the parking queue as if it had come now."""
    return _copy(message, letter(message), without_death=False)


def looks(message: AbstractIncomingMessage) -> int:
    """How often it was taken and put back."""
    count = message.headers.get("x-delivery-count", 0)
    return count if isinstance(count, int) else 0


def _copy(message: AbstractIncomingMessage, of: Letter, *, without_death: bool) -> Message:
    headers: HeadersType = {
        name: value for name, value in message.headers.items()
        if not (_is_of_a_death(name) if without_death else name == "x-delivery-count")
    }  # fmt: skip
    user = _sender(message, of.queue) if without_death else message.user_id
    return Message(
        message.body, headers=headers, content_type=message.content_type,
        content_encoding=message.content_encoding, delivery_mode=DeliveryMode.PERSISTENT,
        correlation_id=message.correlation_id, message_id=message.message_id,
        timestamp=message.timestamp, type=message.type,
        user_id=user if message.user_id is not None else None, app_id=message.app_id,
    )  # fmt: skip


def _sender(message: AbstractIncomingMessage, queue: str) -> str | None:
    """Who said it first.

    The broker proves who published it last. Where that is the service whose queue it died in, that
    service passed it on (gave it up, or put it into a retry tier) and its header tells whose it was:
    another could have written that header as well, but nobody else can be that user.
    """
    user = message.user_id
    claimed = str(message.headers.get(wire.H_SENDER) or "")
    if user is None:
        return claimed
    passed_on = names.H_QUEUE in message.headers or names.H_ATTEMPT in message.headers
    return claimed if passed_on and claimed and queue.startswith(f"{user}.") else str(user)


def _death(headers: HeadersType) -> Mapping[str, object]:
    """The last one, which the broker wrote: it puts its own in front of whatever is there."""
    deaths = headers.get(DEATH)
    first = deaths[0] if isinstance(deaths, list) and deaths else None
    return first if isinstance(first, Mapping) else {}


def _topic(message: AbstractIncomingMessage, death: Mapping[str, object]) -> str:
    keys = death.get("routing-keys")
    first = str(keys[0]) if isinstance(keys, list) and keys else ""
    return str(message.type or first or message.routing_key or "")


def _id(message: AbstractIncomingMessage) -> str:
    with suppress(ValueError):
        return str(UUID(str(message.message_id)))
    return str(uuid5(_SPACE, f"{message.message_id} {message.routing_key} {message.body.hex()}"))


def _said_at(message: AbstractIncomingMessage) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(str(message.headers.get(wire.H_AT)))
    return message.timestamp


def _is_of_a_death(name: str) -> bool:
    return name in _OF_A_DEATH or name.startswith(_DEATHS)
