"""Spans of OpenTelemetry: one for each message handled, each job and each publish, in the trace of the
messages; sent only where an address is configured."""

import asyncio
import gzip
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from shared.bus.tracing import publishing_span
from shared.errors import BadInput, Missing
from shared.messages.gate import FleetResumed, FleetStopped
from shared.observing.exporting import exporting
from shared.observing.spans import SpanRecorder
from shared.watching import Recorder
from tests.architecture.sources import ROOT
from tests.bus.worlds import sealed, stopped
from tests.observing.watched import watched


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def recorder(exporter: InMemorySpanExporter) -> Recorder:
    return SpanRecorder(SimpleSpanProcessor(exporter), "gatekeeper", "1")


def parents(spans: Sequence[ReadableSpan]) -> dict[str, str]:
    """Each span's name with that of its parent."""
    names = {span.context.span_id: span.name for span in spans if span.context is not None}
    return {
        span.name: names.get(span.parent.span_id, "?") if span.parent is not None else ""
        for span in spans
    }


async def test_a_message_its_job_and_the_answer_are_one_trace(
    tmp_path: Path, exporter: InMemorySpanExporter, recorder: Recorder
) -> None:
    async with watched(tmp_path, recorder) as here:
        await here.say("a")
    spans = exporter.get_finished_spans()

    stop, resume = FleetStopped.topic, FleetResumed.topic
    assert parents(spans) == {
        f"publish {stop}": "", f"handle {stop}": f"publish {stop}", "job say": f"handle {stop}",
        f"publish {resume}": "job say", f"handle {resume}": "job say",
    }  # fmt: skip
    assert len({span.context.trace_id for span in spans if span.context is not None}) == 1
    kinds = {span.name.split()[0]: span.kind for span in spans}
    assert kinds == {
        "publish": SpanKind.PRODUCER, "handle": SpanKind.CONSUMER, "job": SpanKind.INTERNAL
    }  # fmt: skip
    (handled,) = [span for span in spans if span.name == f"handle {stop}"]
    assert handled.resource.attributes["service.name"] == "gatekeeper"
    assert handled.attributes is not None
    assert handled.attributes["gatefleet.correlation"] == "octo/hello"


async def test_what_fails_says_why(
    tmp_path: Path, exporter: InMemorySpanExporter, recorder: Recorder
) -> None:
    async with watched(tmp_path, recorder) as here:
        await here.say("bad")
        await here.say("worse")

    failed = {
        span.name: span.status.description
        for span in exporter.get_finished_spans()
        if span.status.status_code is StatusCode.ERROR
    }
    assert failed == {
        f"handle {FleetStopped.topic}": "Refused('bad: it is bad')", "job say": "worse: it is worse"
    }  # fmt: skip


async def test_two_messages_of_one_moment_are_two_traces(
    tmp_path: Path, exporter: InMemorySpanExporter, recorder: Recorder
) -> None:
    async with watched(tmp_path, recorder) as here:
        await here.say("a", "b")

    traces = {span.context.trace_id for span in exporter.get_finished_spans() if span.context}
    assert len(traces) == 2


async def test_a_share_of_the_traces_is_whole_traces_and_the_same_for_every_service(
    tmp_path: Path, exporter: InMemorySpanExporter
) -> None:
    half = SpanRecorder(SimpleSpanProcessor(exporter), "gatekeeper", "1", share=0.5)
    async with watched(tmp_path, half) as here:
        await here.say(*map(str, range(60)))

    spans = [span for span in exporter.get_finished_spans() if span.context is not None]
    traces = {span.context.trace_id for span in spans if span.context is not None}
    assert 10 < len(traces) < 50
    assert len(spans) == 5 * len(traces)


class Ended(SpanProcessor):
    """Keeps whatever it is handed."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        """As a processor does."""
        self.spans.append(span)


def test_what_has_an_id_of_no_trace_is_not_recorded() -> None:
    """All zeros: anybody may send such a message, and no exporter has a place for it."""
    ended = Ended()
    recorder = SpanRecorder(ended, "gatekeeper", "1")
    for number in (0, 1):
        said = sealed(stopped("why"), id=UUID(int=number))
        times = (said.at, said.at)
        recorder.record(said, said.at, partial(publishing_span, said, times, ""))
    assert [span.context is not None for span in ended.spans] == [True]


@pytest.mark.parametrize("given", ["half", "2", "-1", "nan"])
async def test_a_share_that_is_none_is_one_line(given: str) -> None:
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": given,
    }  # fmt: skip
    with pytest.raises(BadInput, match=r"OTEL_TRACES_SAMPLER_ARG: .* is no share of traces"):
        async with exporting(environment):
            raise AssertionError("it exports")


@dataclass
class Receiver:
    """As small as a receiver of OTLP over HTTP can be."""

    port: int = 0
    paths: list[str] = field(default_factory=list)
    received: list[ExportTraceServiceRequest] = field(default_factory=list)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(headers["content-length"]))
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        request = ExportTraceServiceRequest()
        request.ParseFromString(body)
        self.paths.append(head[0].split()[1])
        self.received.append(request)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    here = Receiver()
    server = await asyncio.start_server(here.take, "127.0.0.1", 0)
    here.port = server.sockets[0].getsockname()[1]
    yield here
    server.close()
    await server.wait_closed()


SCRIPT = """
import asyncio, os
from pathlib import Path
from shared.observing.exporting import exporting
from tests.observing.watched import watched

async def main():
    async with exporting(os.environ) as recorders:
        async with watched(Path(os.environ["HERE"]), recorders("gatekeeper", "7")) as here:
            await here.say("a")
asyncio.run(main())
"""


async def test_spans_reach_a_receiver_of_otlp_over_http(tmp_path: Path, receiver: Receiver) -> None:
    environment = {
        "PATH": os.environ["PATH"], "HERE": str(tmp_path), "PYTHONPATH": str(ROOT),
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{receiver.port}",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SCRIPT, env=environment, stderr=subprocess.PIPE
    )
    _, said = await process.communicate()

    assert process.returncode == 0, said.decode()
    assert set(receiver.paths) == {"/v1/traces"}
    spans = [
        (attribute.value.string_value, span.name, len(span.trace_id))
        for request in receiver.received
        for of_resource in request.resource_spans
        for attribute in of_resource.resource.attributes
        if attribute.key == "service.name"
        for scope in of_resource.scope_spans
        for span in scope.spans
    ]
    assert ("gatekeeper", "job say", 16) in spans
    assert len(spans) == 5


async def test_nothing_is_exported_where_no_address_is_set() -> None:
    for environment in (
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"},
    ):
        async with exporting(environment) as recorders:
            assert recorders is None


WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
sys.argv = ["x"]
from services.scheduler.__main__ import PROGRAM
from shared.runtime.running import run
sys.exit(run(PROGRAM))
"""


def test_an_address_without_the_packages_is_one_line_that_names_the_mend_and_2(
    tmp_path: Path,
) -> None:
    environment = {
        "PATH": os.environ["PATH"], "GATEFLEET_STATE": str(tmp_path),
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/v1/traces",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip

    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
    assert ran.stderr.startswith(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set, and what exports is not"
    )
    assert "pip install 'gatefleet[otel]'" in ran.stderr
    assert Missing.__name__ not in ran.stderr


def test_a_service_without_an_address_imports_nothing_of_it() -> None:
    code = (
        "import sys, services.scheduler.__main__, shared.bus.amqp\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('opentelemetry', 'prometheus_client')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        timeout=60,
    )  # fmt: skip
    assert ran.stdout == "[]\n"
