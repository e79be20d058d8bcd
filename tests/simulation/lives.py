"""The services of a simulation, each with lives of its own: started, killed anywhere, rebuilt."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from shared.bus import MemoryBus, Service
from shared.bus.driver import Delivery, Queue
from shared.clock import Clock
from shared.errors import TryLater
from tests.simulation.building import SERVICES, Builder, Living
from tests.simulation.carrying import CarryingDriver, Weather
from tests.simulation.loop import LIFE, Life


@dataclass
class Lives:
    """All services, alive or not."""

    builder: Builder
    clock: Clock
    weather: Weather
    settled: Callable[[str, Queue, Delivery], None]
    bus: MemoryBus = field(init=False)
    living: dict[str, Living] = field(default_factory=dict)
    doomed: dict[str, int] = field(default_factory=dict)
    """After so many more transactions a service is killed."""
    born: Counter[str] = field(default_factory=Counter)
    pending: set[asyncio.Task[Any]] = field(default_factory=set)
    """What the simulation itself has still to do: restarts, late webhooks."""

    def __post_init__(self) -> None:
        self.bus = MemoryBus(self.clock)

    def soon(self, coro: Coroutine[Any, Any, Any]) -> None:
        """Something that will happen, outside of every life."""
        task = asyncio.get_running_loop().create_task(coro, context=Context())
        self.pending.add(task)
        task.add_done_callback(self.pending.discard)

    def services(self) -> list[Service]:
        """Those that run."""
        found = (self.living.get(name) for name in SERVICES)
        return [each.service for each in found if each is not None and each.service is not None]

    async def start_all(self) -> None:
        """Everything declared first, then everything begun, as a fleet starts."""
        for living in await self.prepare_all():
            await self._within(living, self._begin(living))

    async def prepare_all(self) -> list[Living]:
        """Stores opened and queues declared, and nothing begun."""
        made = [self._new(name) for name in SERVICES]
        for living in made:
            await self._within(living, self.builder.build(living))
        for living in made:
            await self._within(living, self._prepare(living))
        return made

    def point(self, _where: str, life: Life) -> None:
        """A place where a service may be killed."""
        left = self.doomed.get(life.name)
        if left is None or not life.alive:
            return
        if left > 0:
            self.doomed[life.name] = left - 1
            return
        del self.doomed[life.name]
        self.kill(life.name)
        self.soon(self._back(life.name))

    def kill(self, name: str) -> None:
        """As `kill -9`."""
        living = self.living.pop(name, None)
        if living is not None:
            living.life.end()
            self.soon(self._bury(living))

    async def _back(self, name: str) -> None:
        await self.clock.sleep(self.weather.random.choice((0.1, 2.0, 20.0)))
        self.restart(name)

    def restart(self, name: str) -> None:
        """A new life, unless there is one."""
        if name not in self.living:
            living = self._new(name)
            loop = asyncio.get_running_loop()
            living.starting = loop.create_task(self._start(living), context=living.context)
            self.pending.add(living.starting)
            living.starting.add_done_callback(self.pending.discard)

    async def stop(self, name: str) -> None:
        """An orderly end, and a start after it."""
        living = self.living.get(name)
        if living is None or living.service is None or not living.has_begun:
            return
        service = living.service
        await self._within(living, service.stop(0.0))
        if self.living.get(name) is living:
            del self.living[name]
            living.life.alive = False
            await self._bury(living)

    def forget_database(self, name: str) -> None:
        """Its database is deleted while it is dead."""
        for path in (self.builder.state / "databases").glob(f"{name}.db*"):
            path.unlink()

    def crash_all(self) -> None:
        """The one process of the whole fleet is killed: what was in its memory is gone."""
        for name in SERVICES:
            self.kill(name)
        self.bus = MemoryBus(self.clock)

    async def buried(self) -> None:
        """Return once nothing of the dead is left."""
        while self.pending:
            await asyncio.gather(*self.pending, return_exceptions=True)

    async def close(self) -> None:
        """The end of the simulation."""
        for name in SERVICES:
            self.kill(name)
        await self.buried()
        await self.bus.close()

    def _new(self, name: str) -> Living:
        self.born[name] += 1
        life = Life(name)
        context = Context()
        context.run(LIFE.set, life)

        def settled(queue: Queue, delivery: Delivery) -> None:
            self.settled(name, queue, delivery)

        living = Living(life, CarryingDriver(self.bus, self.weather, settled), context)
        self.living[name] = living
        return living

    async def _within(self, living: Living, coro: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coro, context=living.context)
        await asyncio.wait({task})
        if living.life.alive:  # what a killed one ended with is nobody's business
            task.result()

    async def _start(self, living: Living) -> None:
        while True:  # as a supervisor of processes does
            try:
                await self.builder.build(living)
                await self._prepare(living)
                await self._begin(living)
            except TryLater:
                await self.clock.sleep(1.0)
            else:
                return

    async def _prepare(self, living: Living) -> None:
        assert living.service is not None
        await living.service.prepare()

    async def _begin(self, living: Living) -> None:
        assert living.service is not None
        await living.service.begin()

    async def _bury(self, living: Living) -> None:
        """Give its deliveries back, and the descriptors that a dead process would not hold."""
        while living.life.tasks:
            await asyncio.gather(*living.life.tasks, return_exceptions=True)
        await living.driver.give_up()
        if living.service is not None:
            await living.service.store.close()
        if living.client is not None:
            await living.client.close()
