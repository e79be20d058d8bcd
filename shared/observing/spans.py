"""Our spans as OpenTelemetry's, with the ids that travelled in the messages."""

from collections.abc import Callable
from datetime import datetime

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from shared.messages.trace import number_of, read_trace
from shared.observing.pace import Pace
from shared.watching import Span, Traced

SCOPE = InstrumentationScope("gatefleet")
KINDS = {
    "consumer": SpanKind.CONSUMER,
    "producer": SpanKind.PRODUCER,
    "internal": SpanKind.INTERNAL,
}
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class SpanRecorder:
    """The recorder of one service. `processor`: passed in, and ended by whoever made it."""

    def __init__(
        self, processor: SpanProcessor, service: str, instance: str, *, share: float = 1.0
    ) -> None:
        """`share`: of all traces, how many are recorded; every service chooses the same ones."""
        self._processor = processor
        self._pace = Pace(share=share)
        self._resource = Resource(
            {"service.name": service, "service.instance.id": instance,
             "service.namespace": "gatefleet"}
        )  # fmt: skip

    def record(self, of: Traced, ended: datetime, made: Callable[[], Span]) -> None:
        """Hand it to the processor, which sends it in a thread of its own."""
        if not self._pace.takes(number_of(of.trace, of.id), ended):
            return
        span = made()
        context = _context(span.place, is_remote=False)
        if context is None:  # of an id that no trace can have: all zeros
            return
        self._processor.on_end(ReadableSpan(
            span.name, context=context, parent=_context(span.parent, is_remote=True),
            resource=self._resource, attributes=dict(span.says), kind=KINDS[span.kind],
            instrumentation_scope=SCOPE, status=_status(span.error),
            start_time=_nanoseconds(span.began), end_time=_nanoseconds(span.ended),
        ))  # fmt: skip


def _context(traceparent: str, *, is_remote: bool) -> SpanContext | None:
    trace = read_trace(traceparent)
    if trace is None:
        return None
    return SpanContext(int(trace.id, 16), int(trace.span, 16), is_remote, _SAMPLED)


def _status(error: str) -> Status:
    return Status(StatusCode.ERROR, error) if error else Status(StatusCode.UNSET)


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000
