"""The bus of a simulation: the memory driver, with what a network and a crash do to messages."""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from random import Random

from shared.bus import MemoryBus
from shared.bus.driver import Delivery, Done, Queue, Verdict
from shared.bus.memory import MemoryDriver, MemoryInlet
from shared.errors import TryLater
from shared.messages import Envelope
from tests.simulation.loop import check_alive

LOST = "the simulation lost it"


class Weather:
    """How bad things are just now: chances of each fault, all 0 in good weather."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.bad = 0.0

    def strikes(self, chance: float) -> bool:
        """Does it happen this time?"""
        return self.bad > 0 and self.random.random() < chance * self.bad


class CarryingInlet:
    """A consumer whose batches come in any order, and end with its life."""

    def __init__(
        self, inner: MemoryInlet, queue: Queue, weather: Weather,
        settled: Callable[[Queue, Delivery], None],
    ) -> None:  # fmt: skip
        self.inner = inner
        self._queue = queue
        self._weather = weather
        self._settled = settled

    async def take(self, most: int) -> list[Delivery]:
        """What is there, as the weather orders it."""
        if self._weather.strikes(0.3):
            most = 1
        taken = await self.inner.take(most)
        check_alive()
        if len(taken) > 1 and self._weather.strikes(0.5):
            self._weather.random.shuffle(taken)
        return taken

    async def settle(self, verdicts: Sequence[Verdict]) -> None:
        """As the driver does; the simulation counts."""
        check_alive()
        await self.inner.settle(verdicts)
        for verdict in verdicts:
            if isinstance(verdict, Done):
                self._settled(self._queue, verdict.delivery)

    async def cease(self) -> None:
        """As the driver does."""
        await self.inner.cease()

    async def close(self) -> None:
        """As the driver does."""
        await self.inner.close()


class CarryingDriver(MemoryDriver):
    """One life's way onto the bus."""

    def __init__(
        self, bus: MemoryBus, weather: Weather, settled: Callable[[Queue, Delivery], None]
    ) -> None:
        super().__init__(bus)
        self._all = bus
        self._weather = weather
        self._settled = settled
        self.inlets: list[CarryingInlet] = []
        self._repeats: set[asyncio.Task[None]] = set()

    async def open(self, queue: Queue) -> CarryingInlet:  # type: ignore[override]
        """An inlet that is given up when the life ends."""
        made = CarryingInlet(await super().open(queue), queue, self._weather, self._settled)
        self.inlets.append(made)
        return made

    def publish(self, envelope: Envelope) -> asyncio.Future[bool]:
        """Late, twice, or not at all, as the weather is."""
        return asyncio.ensure_future(self._publish(envelope))

    async def _publish(self, envelope: Envelope) -> bool:
        check_alive()
        weather = self._weather
        if weather.strikes(0.05):
            raise TryLater(LOST)
        if weather.strikes(0.2):
            await asyncio.sleep(weather.random.choice((0.01, 0.3, 2.0, 12.0)))
            check_alive()
        if weather.strikes(0.1):
            loop = asyncio.get_running_loop()
            again = loop.create_task(self._once_more(envelope), context=Context())
            self._repeats.add(again)
            again.add_done_callback(self._repeats.discard)
        heard = await super().publish(envelope)
        check_alive()
        if weather.strikes(0.05):
            raise TryLater(LOST)
        return heard

    async def _once_more(self, envelope: Envelope) -> None:
        await asyncio.sleep(self._weather.random.choice((0.05, 1.0, 30.0)))
        await self._all.publish(envelope)

    async def give_up(self) -> None:
        """The life is over: what it had taken goes to the next one."""
        for inlet in self.inlets:
            await inlet.close()
        self.inlets.clear()
