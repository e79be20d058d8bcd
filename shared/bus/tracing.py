"""Spans of what the bus does: a message handled, a message published."""

from datetime import datetime

from shared.bus.driver import Delivery, Queue
from shared.jobs.commit import Speaker
from shared.messages import Envelope
from shared.messages.trace import read_trace, span_of, went_on
from shared.watching import Span


def handling_trace(speaker: Speaker, delivery: Delivery) -> str:
    """The traceparent under which this attempt of a service handles a message."""
    envelope = delivery.envelope
    span = span_of(speaker.name, speaker.instance, envelope.id, delivery.attempt)
    return went_on(envelope.trace, envelope.id, span)


def handling_span(
    speaker: Speaker, queue: Queue, delivery: Delivery, *, times: tuple[datetime, datetime],
    error: str = "",
) -> Span:  # fmt: skip
    """The span of one attempt; its parent is what said the message."""
    envelope = delivery.envelope
    said: dict[str, str | int] = {
        "messaging.system": "rabbitmq", "messaging.operation.type": "process",
        "messaging.destination.name": queue.name, "messaging.message.id": str(envelope.id),
        "gatefleet.correlation": envelope.correlation, "gatefleet.attempt": delivery.attempt,
    }  # fmt: skip
    return Span(
        f"handle {envelope.topic}", "consumer", handling_trace(speaker, delivery),
        str(read_trace(envelope.trace) or ""), *times, says=said, error=error,
    )  # fmt: skip


def publishing_span(envelope: Envelope, times: tuple[datetime, datetime], error: str) -> Span:
    """The span of one publish: of a message that begins its trace, the first span of all."""
    known = read_trace(envelope.trace)
    own = span_of(envelope.id, "publish")
    place, parent = str(known or ""), ""
    if known is None or known.id != envelope.id.hex:
        place, parent = went_on(envelope.trace, envelope.id, own), place
    said = {
        "messaging.system": "rabbitmq", "messaging.operation.type": "send",
        "messaging.destination.name": envelope.topic, "messaging.message.id": str(envelope.id),
        "gatefleet.correlation": envelope.correlation,
        "gatefleet.causation": str(envelope.causation or ""),
    }  # fmt: skip
    return Span(
        f"publish {envelope.topic}", "producer", place, parent, *times, says=said, error=error
    )
