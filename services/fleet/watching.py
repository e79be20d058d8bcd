"""Hears what concerns the repository as a whole while a fleet runs, as one more consumer of its bus."""

import asyncio
from collections.abc import Callable

from services.fleet.circumstances import TOPICS, Circumstances, news
from shared.bus import Driver
from shared.bus.driver import Done, Inlet, Queue
from shared.errors import BadInput
from shared.messages import read
from shared.messages.observed import RepositoryObserved

QUEUE = Queue("fleet.circumstances", TOPICS, instance=True)
"""It goes with this process: nobody waits for what it has not heard."""
BATCH = 100


class Watching:
    """The circumstances as they are, and a call for each trouble that is new and for the end of all."""

    def __init__(self, driver: Driver, now: Circumstances, tell: Callable[[str], None]) -> None:
        self.now = now
        self.is_fresh = False
        """The repository was observed since this began."""
        self._driver = driver
        self._tell = tell
        self._told: list[str] | None = None
        self._inlet: Inlet | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Hear from now on."""
        await self._driver.declare(QUEUE)
        self._inlet = await self._driver.open(QUEUE)
        self._task = asyncio.create_task(self._listen(self._inlet))

    def greet(self) -> None:
        """Tell what is in the way now, and from now on what comes new."""
        self._told = []
        self._tell_news()

    async def stop(self) -> None:
        """Hear no more; what comes later counts as heard."""
        if self._inlet is not None and self._task is not None:
            await self._inlet.cease()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._inlet.close()
        await self._driver.close()

    async def broken(self) -> None:
        """Return after `stop`, or raise what it ended with."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def _listen(self, inlet: Inlet) -> None:
        while batch := await inlet.take(BATCH):
            for delivery in batch:
                envelope = delivery.envelope
                try:
                    message = read(envelope.topic, envelope.body)
                except BadInput:
                    continue  # whoever acts on it says so
                self.now = self.now.after(message)
                self.is_fresh = self.is_fresh or isinstance(message, RepositoryObserved)
            self._tell_news()
            await inlet.settle([Done(delivery) for delivery in batch])

    def _tell_news(self) -> None:
        if self._told is None:
            return
        troubles = self.now.troubles()
        for line in news(self._told, troubles):
            self._tell(line)
        self._told = troubles
