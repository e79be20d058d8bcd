"""The webhook on a socket of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from services.github_ingest.server import WebhookServer
from shared.errors import BadInput
from tests.github_ingest.door import BODY, Door, headers


@pytest.fixture
async def server(door: Door) -> AsyncIterator[WebhookServer]:
    made = WebhookServer(door.webhook, host="127.0.0.1", port=0, clock=door.clock)
    await made.start()
    yield made
    await made.stop()


async def test_port_0_is_any_free_one_and_is_told(server: WebhookServer) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(server.url, content=BODY, headers=headers())
    assert (answer.status_code, answer.json()["result"]) == (202, "accepted")
    assert "server" not in answer.headers


def test_before_the_start_there_is_no_address(door: Door) -> None:
    with pytest.raises(BadInput, match="start it first"):
        _ = WebhookServer(door.webhook, host="127.0.0.1", port=0, clock=door.clock).url


async def test_a_taken_port_is_said_in_one_line(door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = WebhookServer(door.webhook, host="127.0.0.1", port=port, clock=door.clock)
        with pytest.raises(BadInput, match=f"127.0.0.1:{port}: .*choose another port"):
            await server.start()
        await server.stop()


@pytest.mark.parametrize("sent", [b"", b"POST /webhook HTTP/1.1\r\nHost: a\r\nX-Slow: "])
async def test_headers_that_take_too_long_are_hung_up_on(
    door: Door, server: WebhookServer, sent: bytes
) -> None:
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(sent)
    await writer.drain()
    reading = asyncio.create_task(reader.read())
    async with asyncio.timeout(20):
        while not reading.done():
            door.clock.advance(1)
            await asyncio.sleep(0)
    assert await reading == b""
    writer.close()
    await writer.wait_closed()


async def test_a_second_request_on_a_connection_has_its_own_deadline(
    door: Door, server: WebhookServer
) -> None:
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = "".join(f"{name.decode()}: {value.decode()}\r\n" for name, value in headers())
    request = f"POST /webhook HTTP/1.1\r\nHost: a\r\n{head}Content-Length: {len(BODY)}\r\n\r\n"
    writer.write(request.encode() + BODY)
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"POST /webhook HTTP/1.1\r\n")
    await writer.drain()
    reading = asyncio.create_task(reader.read())
    async with asyncio.timeout(20):
        while not reading.done():
            door.clock.advance(1)
            await asyncio.sleep(0)
    assert answer.startswith(b"HTTP/1.1 202")
    assert (await reading).count(b"HTTP/1.1") == 0
    writer.close()
    await writer.wait_closed()
