"""A console that runs in this process, told a story over its bus."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.console.app import Console, assemble
from services.console.settings import Settings
from shared.bus import MemoryBus
from shared.bus.authority import SAYS, may_say
from shared.clock import Clock, SystemClock
from shared.messages import Envelope
from tests.console.stories import Word


def sender_of(topic: str) -> str:
    """A service that may say it."""
    return next(name for name in SAYS if may_say(name, topic))


@dataclass(frozen=True)
class Desk:
    """The console, its bus, and a client that bears its token."""

    console: Console
    bus: MemoryBus
    client: httpx.AsyncClient
    token: str


async def hear(bus: MemoryBus, *words: Word) -> None:
    """Say each, and wait until all who hear it have it."""
    for word in words:
        heard = word.heard()
        await bus.publish(Envelope(
            id=word.id, topic=heard.topic, body=word.message.model_dump_json().encode(),
            sender=sender_of(heard.topic), at=word.at,
            correlation=heard.correlation,
        ))  # fmt: skip


@asynccontextmanager
async def desk(state: Path, *words: Word, clock: Clock | None = None) -> AsyncIterator[Desk]:
    """Started, with a story that it heard."""
    clock = clock or SystemClock()
    bus = MemoryBus(clock)
    console = assemble(Settings(state=state), bus.driver(), clock)
    await console.service.start()
    await hear(bus, *words)
    token = console.server.token_path.read_text().strip()
    client = httpx.AsyncClient(
        base_url=console.server.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False
    )
    try:
        yield Desk(console, bus, client, token)
    finally:
        await client.aclose()
        await console.service.stop()
        await bus.close()
