"""A small world for the bus: services with a table that counts, and either driver."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from sqlalchemy import select

from shared.bus import Driver, Service
from shared.clock import Clock, SystemClock
from shared.jobs import Job, Said
from shared.messages import Envelope, Message, Repo
from shared.messages.gate import FleetStopped
from shared.store import Handling, Store, outbox
from shared.store.tables import DEAD
from tests.bus.settling import settle

REPO = Repo(owner="octo", name="hello", id="1")
STOPPED = FleetStopped.topic


def stopped(why: str) -> FleetStopped:
    """A small message that the gatekeeper may say."""
    return FleetStopped(repo=REPO, why=why)


def sealed(
    message: Message, *, sender: str = "gatekeeper", topic: str = "", body: bytes | None = None,
    id: uuid.UUID | None = None,
) -> Envelope:  # fmt: skip
    """An envelope as somebody might put it onto the bus, rightly or not."""
    return Envelope(
        id=id or uuid.uuid4(),
        topic=topic or message.topic,
        body=message.model_dump_json().encode() if body is None else body,
        sender=sender,
        at=datetime(2030, 1, 1, tzinfo=UTC),
        correlation="octo/hello",
    )


class Say(Job):
    """Say a message from outside a handler."""

    kind: ClassVar[str] = "say"
    why: str

    def name(self) -> str:
        return f"say:{self.why}"


@dataclass(frozen=True)
class DeadLetter:
    """A dead letter, wherever the driver keeps it."""

    queue: str
    id: uuid.UUID
    reason: str
    traceback: str


@dataclass
class World:
    """What a test holds: the way to make services, where their stores are, and the broker's side."""

    make_driver: Callable[[str], Driver]
    folder: Path
    clock: Clock = field(default_factory=SystemClock)
    inject: Callable[[Envelope], Awaitable[None]] = field(repr=False, kw_only=True)
    """Put an envelope onto the bus past every check of ours."""
    parked: Callable[[], Awaitable[list[DeadLetter]]] | None = field(repr=False, kw_only=True)
    """Dead letters that the driver keeps; None: the consumers' stores keep them."""
    services: list[Service] = field(default_factory=list)

    def service(self, name: str, instance: str = "1", *, store: str | None = None) -> Service:
        """A service of its own store; the same `store` name is the same database."""
        url = f"sqlite:///{self.database(store or f'{name}-{instance}')}"
        made = Service(
            name, driver=self.make_driver(name), store=Store(url), clock=self.clock,
            instance=instance,
        )  # fmt: skip
        self.services.append(made)
        return made

    def database(self, store: str) -> Path:
        """The file of a store."""
        return self.folder / f"{store}.db"

    async def say(self, service: Service, *whys: str) -> None:
        """Have `service` say one message for each text, in one transaction."""
        await self.tell(service, *map(stopped, whys))

    async def tell(self, service: Service, *messages: Message) -> None:
        """Have `service` say messages, in one transaction."""

        def tick(at: Handling) -> Said:
            return messages

        await service.commit(f"say {uuid.uuid4()}", tick)

    async def settle(self, *services: Service) -> None:
        """Until nobody has anything to do."""
        await settle(services, self.clock)

    async def dead(self, *services: Service) -> list[DeadLetter]:
        """Every dead letter of these services, oldest first."""
        if self.parked is not None:
            return await self.parked()
        found = []
        for service in services:
            for queue, envelope, reason in await service.store.run(outbox.dead_letters):
                found.append(
                    DeadLetter(queue, envelope.id, reason, await _trace(service, envelope))
                )
        return found


async def _trace(service: Service, envelope: Envelope) -> str:
    query = select(DEAD.c.traceback).where(DEAD.c.id == envelope.id)
    return str(await service.store.run(lambda session: session.scalar(query)))


@asynccontextmanager
async def running(*services: Service) -> AsyncIterator[None]:
    """Start all, declaring everything before anybody consumes; stop all at the end."""
    for service in services:
        await service.prepare()
    for service in services:
        await service.begin()
    try:
        yield
    finally:
        for service in services:
            await service.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Give way to the others until something is so; the test's own timeout ends it otherwise."""
    while not condition():
        await asyncio.sleep(0.001)


__all__ = ["REPO", "STOPPED", "DeadLetter", "Say", "World", "running", "sealed",
           "stopped", "until"]  # fmt: skip
