"""`memory://`: queues in this process.

A publish returns when every consumer of the message has settled it. So an outbox row ends only when
all have committed: a killed process loses nothing, what is left is sent again at the next start, and
inboxes drop what was handled before.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.bus.driver import Again, Delivery, Queue, Verdict
from shared.bus.topics import matches
from shared.clock import Clock
from shared.messages import Envelope


@dataclass
class _Flight:
    """One message under way to one queue."""

    envelope: Envelope
    settled: asyncio.Future[None]
    attempt: int = 1

    def settle(self) -> None:
        """This queue is done with it."""
        if not self.settled.done():
            self.settled.set_result(None)


@dataclass
class _Line:
    """One queue: what is ready, and who waits for it."""

    queue: Queue
    ready: deque[_Flight] = field(default_factory=deque)
    unsettled: int = 0
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False

    def add(self, flight: _Flight) -> None:
        if self.gone:  # nobody will ever take it from here
            flight.settle()
            return
        self.ready.append(flight)
        self.filled.set()


class MemoryBus:
    """The exchange that all services of one process share."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self._timers: set[asyncio.Task[None]] = set()
        self.published: dict[str, int] = {}
        """How often each topic was said; a message that is sent again counts once."""
        self._counted: set[UUID] = set()
        """Said and not settled everywhere yet: only these can be sent again by their outbox."""

    def driver(self) -> "MemoryDriver":
        """A driver for one service."""
        return MemoryDriver(self)

    def add(self, queue: Queue) -> _Line:
        """The line of a queue, made when it is missing."""
        return self._lines.setdefault(queue.name, _Line(queue))

    def drop(self, name: str) -> None:
        """Forget a queue and settle what waits there: its instance is gone for good."""
        line = self._lines.pop(name, None)
        if line is not None:
            line.gone = True
            for flight in line.ready:
                flight.settle()

    async def publish(self, envelope: Envelope) -> bool:
        """Hand it to every bound queue, and return when all have settled it."""
        if envelope.id not in self._counted:
            self._counted.add(envelope.id)
            self.published[envelope.topic] = self.published.get(envelope.topic, 0) + 1
        bound = [
            line
            for line in self._lines.values()
            if any(matches(pattern, envelope.topic) for pattern in line.queue.topics)
        ]
        loop = asyncio.get_running_loop()
        flights = [_Flight(envelope, loop.create_future()) for _ in bound]
        for line, flight in zip(bound, flights, strict=True):
            line.add(flight)
        for flight in flights:
            await flight.settled
        self._counted.discard(envelope.id)
        return bool(bound)

    def later(self, line: _Line, flight: _Flight, after_s: float) -> None:
        """Put it back into its queue after a while."""

        async def wait() -> None:
            await self._clock.sleep(after_s)
            line.add(flight)

        line.unsettled += 1  # it is neither ready nor forgotten: depth must show it
        task = asyncio.create_task(wait())
        self._timers.add(task)

        def woken(done: asyncio.Task[None]) -> None:
            self._timers.discard(done)
            line.unsettled -= 1

        task.add_done_callback(woken)

    def depth(self) -> int:
        """Messages in all queues, waiting retries and unsettled ones included."""
        return sum(len(line.ready) + line.unsettled for line in self._lines.values())

    async def close(self) -> None:
        """Stop the timers."""
        for task in list(self._timers):
            task.cancel()
        await asyncio.gather(*self._timers, return_exceptions=True)


class MemoryInlet:
    """One consumer of one line."""

    def __init__(self, bus: MemoryBus, line: _Line) -> None:
        self._bus = bus
        self._line = line
        self._mine: dict[int, _Flight] = {}
        self._count = 0
        self._ceased = False

    async def take(self, most: int) -> list[Delivery]:
        """At least one delivery, within the queue's prefetch."""
        while not self._ceased and not (self._line.ready and self._room()):
            self._line.filled.clear()
            await self._line.filled.wait()
        if self._ceased:
            return []
        room = min(most, self._room())
        taken: list[Delivery] = []
        while self._line.ready and len(taken) < room:
            flight = self._line.ready.popleft()
            self._count += 1
            self._mine[self._count] = flight
            self._line.unsettled += 1
            taken.append(Delivery(flight.envelope, flight.attempt, self._count))
        return taken

    def _room(self) -> int:
        return self._line.queue.prefetch - len(self._mine)

    async def settle(self, verdicts: Sequence[Verdict]) -> None:
        """End, postpone or bury each delivery."""
        self._line.filled.set()
        for verdict in verdicts:
            token = verdict.delivery.token
            flight = self._mine.pop(token) if isinstance(token, int) else None
            if flight is None:
                continue
            self._line.unsettled -= 1
            if isinstance(verdict, Again):
                flight.attempt += 1
                self._bus.later(self._line, flight, verdict.after_s)
            else:
                flight.settle()

    async def cease(self) -> None:
        """Nothing waits here: what is in the line is for whoever comes next."""
        self._ceased = True
        self._line.filled.set()

    async def close(self) -> None:
        """Give back what was taken and not settled."""
        for flight in self._mine.values():
            self._line.unsettled -= 1
            flight.attempt += 1
            self._line.add(flight)
        self._mine.clear()


class MemoryDriver:
    """One service's way onto a MemoryBus."""

    name = "memory"
    window = 1000
    keeps_dead = False
    keeps_unheard = False

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self._instance_queues: list[str] = []

    async def connect(self, service: str) -> None:
        """Nothing to reach."""

    async def declare(self, queue: Queue) -> None:
        """Make the queue."""
        self._bus.add(queue)
        if queue.instance:
            self._instance_queues.append(queue.name)

    async def open(self, queue: Queue) -> MemoryInlet:
        """Begin to consume."""
        return MemoryInlet(self._bus, self._bus.add(queue))

    def publish(self, envelope: Envelope) -> asyncio.Future[bool]:
        """True once every consumer has settled it."""
        return asyncio.ensure_future(self._bus.publish(envelope))

    async def depth(self) -> int:
        """Of the whole bus: in one process, settled is settled for all."""
        return self._bus.depth()

    async def trouble(self) -> str:
        """None, ever."""
        return ""

    def blocked(self) -> str:
        """Never."""
        return ""

    async def parked(self) -> int:
        """None: consumers' stores keep them."""
        return 0

    async def close(self) -> None:
        """Queues of this instance go with it; the others wait for the next one."""
        for name in self._instance_queues:
            self._bus.drop(name)
