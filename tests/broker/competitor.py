"""One of several schedulers on one database, for `test_one_active.py`; run as a program, and killed.

python -m tests.broker.competitor AMQP_URL INSTANCE DATABASE_URL [SCHEMA]
"""

import asyncio
import sys

import structlog

from shared.bus import Service
from shared.bus.amqp import AmqpDriver
from shared.clock import SystemClock
from shared.runtime.running import serve
from shared.runtime.signals import Told
from shared.store import Store
from tests.bus.effects import count, prepare


class Competitor:
    """A scheduler with one effect for each message."""

    def __init__(self, url: str, instance: str, store: Store) -> None:
        clock = SystemClock()
        driver = AmqpDriver(url, clock, shared_identity=True)
        self._service = Service(
            "scheduler", driver=driver, store=store, clock=clock, instance=instance
        )
        self._service.one_active()
        self._service.hears(count)

    async def start(self) -> None:
        """Stand by, then work."""
        await prepare(self._service)
        await self._service.begin()

    async def stop(self, grace_s: float = 0.0) -> None:
        """As the service does."""
        await self._service.stop(grace_s)

    async def broken(self) -> None:
        """As the service does."""
        await self._service.broken()

    async def __aenter__(self) -> "Competitor":
        return self

    async def __aexit__(self, *_of_the_end: object) -> None: ...


async def main(url: str, instance: str, database: str, schema: str | None) -> int:
    """Serve until told to stop."""
    with Told() as told:
        store = Store(database, schema=schema)
        return await serve(Competitor(url, instance, store), told=told.event)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    _, amqp, number, address, *rest = sys.argv
    sys.exit(asyncio.run(main(amqp, number, address, rest[0] if rest else None)))
