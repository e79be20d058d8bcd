"""Somebody who asks how a process does, with nothing but a socket."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    text: str
    headers: str = ""


async def ask(port: int, said: bytes) -> Answered:
    """The answer to these bytes; the other side hangs up after it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    raw = (await reader.read()).decode()
    writer.close()
    head, _, text = raw.partition("\r\n\r\n")
    return Answered(int(head.split()[1]) if head else 0, text, head)


async def get(port: int, path: str) -> Answered:
    """As bash does with /dev/tcp: HTTP/1.0, and no Host."""
    return await ask(port, f"GET {path} HTTP/1.0\r\n\r\n".encode())
