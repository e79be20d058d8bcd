"""Sends spans by OTLP over HTTP where OpenTelemetry's own variables name an address; else nothing of it
is imported, and no span is made."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeAlias

import structlog

from shared.errors import BadInput, Missing
from shared.watching import Recorder

log = structlog.get_logger()

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SAMPLER, SHARE = "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"
BY_RATIO = ("traceidratio", "parentbased_traceidratio")
NO_SHARE = f"{SHARE}: {{given!r}} is no share of traces; give a number from 0 to 1"
DISABLED = "OTEL_SDK_DISABLED"
NOT_INSTALLED = (
    "{variable} is set, and what exports is not installed ({error}); "
    "pip install 'gatefleet[otel]', or leave the variable out"
)
FLUSH_S = 2.0
"""What was not sent yet gets so long at a stop."""

Recorders: TypeAlias = Callable[[str, str], Recorder]
"""What records the spans of a service and instance."""


@asynccontextmanager
async def exporting(environment: Mapping[str, str]) -> AsyncIterator[Recorders | None]:
    """None where no address is set. Missing, with the mend, where one is and the packages are not."""
    named = [each for each in ENDPOINTS if environment.get(each)]
    if not named or environment.get(DISABLED, "").lower() == "true":
        yield None
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from shared.observing.spans import SpanRecorder
    except ImportError as error:
        raise Missing(NOT_INSTALLED.format(variable=named[0], error=error)) from None
    share = _share(environment)
    processor = BatchSpanProcessor(OTLPSpanExporter())
    log.info("spans_exported", by=named[0], share=share)
    try:
        yield lambda service, instance: SpanRecorder(processor, service, instance, share=share)
    finally:
        # a thread of its own: a receiver that is away must not keep the process from ending
        last = threading.Thread(target=processor.shutdown, daemon=True)
        last.start()
        await asyncio.to_thread(last.join, FLUSH_S)


def _share(environment: Mapping[str, str]) -> float:
    """Of the traces, how many are exported. BadInput when it is no number from 0 to 1."""
    if environment.get(SAMPLER, "") not in BY_RATIO:
        return 1.0
    given = environment.get(SHARE, "1")
    try:
        share = float(given)
    except ValueError:
        raise BadInput(NO_SHARE.format(given=given)) from None
    if not 0 <= share <= 1:
        raise BadInput(NO_SHARE.format(given=given))
    return share
