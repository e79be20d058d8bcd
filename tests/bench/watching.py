"""What it costs to be looked at: metrics read, and spans sent to somebody who takes them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TypeAlias

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared.bus import Service
from shared.observing.exposing import Exposition
from shared.observing.spans import SpanRecorder

Watch: TypeAlias = Callable[[Service], AbstractAsyncContextManager[None]]

READ_EVERY_S = 1.0
"""Fifteen times as often as the shipped Prometheus does."""

SINK = """
from http.server import BaseHTTPRequestHandler, HTTPServer

class Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass

server = HTTPServer(("127.0.0.1", 0), Sink)
print(server.server_port, flush=True)
server.serve_forever()
"""


def unwatched(_service: Service) -> AbstractAsyncContextManager[None]:
    """Nobody looks."""
    return nullcontext()


@asynccontextmanager
async def watched(service: Service) -> AsyncIterator[None]:
    """Metrics are read, and spans are sent by OTLP to another process, which drops them."""
    sink = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SINK, stdout=asyncio.subprocess.PIPE
    )
    assert sink.stdout is not None
    port = int(await sink.stdout.readline())
    processor = BatchSpanProcessor(OTLPSpanExporter(f"http://127.0.0.1:{port}/v1/traces"))
    service.recorded_by(SpanRecorder(processor, service.name, service.instance))
    reading = asyncio.create_task(_read(service))
    try:
        yield
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await asyncio.to_thread(processor.shutdown)
        sink.kill()
        await sink.wait()


async def _read(service: Service) -> None:
    shown = Exposition()
    while True:
        await asyncio.sleep(READ_EVERY_S)
        await shown.text([service])
