"""A driver around another, for tests that count or cut what passes: they override what they watch."""

import asyncio

from shared.bus.driver import Driver, Inlet, Queue
from shared.messages import Envelope


class AroundDriver:
    """Does as the driver inside of it does."""

    def __init__(self, inner: Driver) -> None:
        self.inner = inner
        self.name, self.window = inner.name, inner.window
        self.keeps_dead, self.keeps_unheard = inner.keeps_dead, inner.keeps_unheard

    async def connect(self, service: str) -> None:
        """As the driver does."""
        await self.inner.connect(service)

    async def declare(self, queue: Queue) -> None:
        """As the driver does."""
        await self.inner.declare(queue)

    async def open(self, queue: Queue) -> Inlet:
        """As the driver does."""
        return await self.inner.open(queue)

    def publish(self, envelope: Envelope) -> asyncio.Future[bool]:
        """As the driver does."""
        return self.inner.publish(envelope)

    async def depth(self) -> int:
        """As the driver does."""
        return await self.inner.depth()

    async def trouble(self) -> str:
        """As the driver does."""
        return await self.inner.trouble()

    def blocked(self) -> str:
        """As the driver does."""
        return self.inner.blocked()

    async def parked(self) -> int:
        """As the driver does."""
        return await self.inner.parked()

    async def close(self) -> None:
        """As the driver does."""
        await self.inner.close()
