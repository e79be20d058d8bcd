"""An ingest on a memory bus, a forge that it reads, and an ear for what it says."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import SecretStr

from services.github_ingest.app import Ingest, assemble
from services.github_ingest.settings import Settings
from shared.bus import MemoryBus, Queue, settled
from shared.bus.driver import Done
from shared.clock import FakeClock
from shared.forge.port import Reader
from shared.messages import Message, read
from tests.fakes.forge_reader import FakeReader

SECRET = "an old secret of thirty-two bytes"
OTHER_SECRET = "a new secret of thirty-two bytes!"

M = TypeVar("M", bound=Message)


def settings(folder: Path, **given: Any) -> Settings:
    """An ingest of `octo/hello` whose webhook takes any free port."""
    fields: dict[str, Any] = {
        "repository": "octo/hello",
        "state": folder,
        "webhook_secret": SecretStr(SECRET),
        "port": 0,
    }
    return Settings(**{**fields, **given})


class World:
    """What a test stands in. `heard` is everything that was published, repeats included."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: FakeClock | None = None,
        reader: Reader | None = None,
        **given: Any,
    ) -> None:
        """`reader`: another forge to read than the fake one."""
        self.clock = clock or FakeClock()
        self.forge = FakeReader(self.clock)
        self._reader = reader or self.forge
        self.bus = MemoryBus(self.clock)
        self.heard: list[Message] = []
        self.ids: list[UUID] = []
        self._settings = settings(folder, **given)
        self._ear: asyncio.Task[None] | None = None
        self._count = 0
        self.ingest = self._assembled()

    def _assembled(self) -> Ingest:
        return assemble(self._settings, self.bus.driver(), self.clock, reader=self._reader)

    async def start(self) -> None:
        """Start what is assembled and let it come to rest."""
        self._ear = asyncio.create_task(self._listen())
        await asyncio.sleep(0)
        await self.ingest.service.start()
        await self.settle()

    async def stop(self) -> None:
        """Stop it; its database stays."""
        await self.ingest.service.stop()
        if self._ear is not None:
            self._ear.cancel()
            await asyncio.gather(self._ear, return_exceptions=True)

    async def restart(self) -> None:
        """Another life over the same database."""
        await self.stop()
        self.ingest = self._assembled()
        await self.start()

    async def settle(self) -> None:
        """Return once nothing is left to do."""
        async with asyncio.timeout(20):
            await settled([self.ingest.service])

    async def until_asked(self, call: str) -> None:
        """Return once the forge was asked for it."""
        async with asyncio.timeout(20):
            while call not in self.forge.calls:
                await asyncio.sleep(0)

    async def pass_time(self, seconds: float) -> None:
        """Let time pass in steps of the timer, each until everything is done."""
        left = seconds
        while left > 0:
            self.clock.advance(min(left, 5.0))
            left -= 5.0
            for _ in range(3):  # sleepers that were woken have to run before anybody looks
                await asyncio.sleep(0)
            await self.settle()

    def take(self, kind: type[M]) -> list[M]:
        """Every message of a kind that was heard so far."""
        return [each for each in self.heard if isinstance(each, kind)]

    def said(self) -> list[tuple[UUID, Message]]:
        """Every message with its id."""
        return list(zip(self.ids, self.heard, strict=True))

    def forget(self) -> None:
        """Listen anew."""
        self.heard.clear()
        self.ids.clear()
        self.forge.calls.clear()

    async def send(
        self, event: str, body: dict[str, Any] | bytes, *, delivery: UUID | None = None
    ) -> httpx.Response:
        """A delivery as the forge sends it."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._count += 1
        headers = [
            (b"content-type", b"application/json"),
            (b"x-github-event", event.encode()),
            (b"x-github-delivery", str(delivery or UUID(int=self._count)).encode()),
            (b"x-hub-signature-256", signed(raw).encode()),
        ]
        return await self.post(raw, headers)

    async def post(
        self, body: Any, headers: list[tuple[bytes, bytes]], *, method: str = "POST",
        path: str = "/webhook",
    ) -> httpx.Response:  # fmt: skip
        """Any request to the webhook."""
        webhook = self.ingest.webhook
        assert webhook is not None
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(webhook), base_url="http://ingest.test"
        ) as client:
            return await client.request(method, path, content=body, headers=headers)

    async def _listen(self) -> None:
        driver = self.bus.driver()
        await driver.declare(Queue("ear", ("observed.#",)))
        inlet = await driver.open(Queue("ear", ("observed.#",)))
        while True:
            batch = await inlet.take(50)
            for delivery in batch:
                self.heard.append(read(delivery.envelope.topic, delivery.envelope.body))
                self.ids.append(delivery.envelope.id)
            await inlet.settle([Done(delivery) for delivery in batch])


@asynccontextmanager
async def world(folder: Path, **given: Any) -> AsyncIterator[World]:
    """A world that is assembled but not started; stopped at the end."""
    made = World(folder, **given)
    try:
        yield made
    finally:
        await made.stop()
        await made.bus.close()


def signed(body: bytes, secret: str = SECRET) -> str:
    """The value of `X-Hub-Signature-256`."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def issues_event(number: int, action: str = "opened", **more: Any) -> dict[str, Any]:
    """The body of an `issues` delivery."""
    return {
        "action": action,
        "issue": {"number": number, "title": "from the body, not to be believed"},
        "repository": {"id": 4711, "full_name": "octo/hello", "default_branch": "main"},
        "sender": {"id": 7, "login": "you"},
        **more,
    }
