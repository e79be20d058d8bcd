"""`amqp://`: RabbitMQ, straight on aio-pika. One connection to publish, another to consume."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from aio_pika.abc import AbstractChannel
from yarl import URL

from shared.bus import amqp_names as names
from shared.bus.amqp_declaring import Ground, declare_queue, ready
from shared.bus.amqp_inlet import AmqpInlet
from shared.bus.amqp_line import BETWEEN_TRIES_S, OPEN_S, Kept, Line, outage
from shared.bus.amqp_outlet import Outlet
from shared.bus.amqp_wire import saying
from shared.bus.driver import Queue
from shared.clock import Clock
from shared.errors import BadInput, Refused, TryLater
from shared.messages import Envelope
from shared.store.outbox import LARGEST_BODY

log = structlog.get_logger()

T = TypeVar("T")

NOT_CONNECTED = "broker {at}: not connected yet"
NOT_CONSUMING = "queue {queue}: not consumed; it is tried every second"

LATE_S = 2.0
"""How much later than its time a message may come back."""


class AmqpDriver:
    """One service's connections to RabbitMQ."""

    name = "amqp"
    window = 400
    keeps_dead = True
    keeps_unheard = True

    def __init__(self, url: str, clock: Clock, *, shared_identity: bool = False) -> None:
        """`shared_identity`: every service is the same broker user, so senders are not proven."""
        self._url = URL(url)
        self._clock = clock
        self._shared = shared_identity
        self._says = None if shared_identity else self._url.user
        self._queues: list[str] = []
        self._tiers: set[int] = set()
        self._declared: set[int] = set()
        self._inlets: list[AmqpInlet] = []
        self._due_back: dict[tuple[str, UUID], float] = {}
        self._lines: list[Line] = []

    @property
    def user(self) -> str | None:
        """The broker's user that this is."""
        return self._url.user

    async def pause(self, seconds: float) -> None:
        """Wait before something is tried again."""
        await self._clock.sleep(seconds)

    async def connect(self, service: str) -> None:
        """Connect, waiting for an absent broker with a line that says so; declare the exchanges. Asked
        again, it lets go of what it had."""
        await self.close()
        self._queues.clear()
        if self._shared:
            log.warning("senders_not_proven", service=service,
                        why="bus.identity=shared: every service is the same broker user",
                        next="give each service a user of its own")  # fmt: skip
        out = Line(self._url, self._clock, service=service, purpose="publish")
        self._in = Line(self._url, self._clock, service=service, purpose="consume")
        self._lines = [out, self._in]
        for line in self._lines:
            await line.reach()
        # not where it publishes: that stands still while the broker is short of memory or disk
        self._ground = Ground(self._in, looks_first=not self._shared)
        self._asking = Kept(self._in, _nothing)
        self._outlet = Outlet(out, self._begin_to_publish, user=self._url.user)
        await self._until_there(lambda: self._ground.lay(*names.FROM_THE_START))

    async def declare(self, queue: Queue) -> None:
        """Declare a quorum queue with its bindings; BadInput when another one has the name."""
        await self._until_there(lambda: self._ask(lambda channel: declare_queue(channel, queue)))
        self._queues.append(queue.name)

    async def open(self, queue: Queue) -> AmqpInlet:
        """Consume on a channel of its own, so that `prefetch` is the queue's."""
        inlet = AmqpInlet(self, queue, self._in, proven=not self._shared)
        await inlet.start()
        self._inlets.append(inlet)
        return inlet

    def publish(self, envelope: Envelope) -> asyncio.Future[bool]:
        """Confirmed by the broker; False when nobody is bound."""
        if len(envelope.body) > LARGEST_BODY:
            refused: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            refused.set_exception(Refused(
                f"{envelope.topic} {envelope.id}: {len(envelope.body)} bytes; "
                f"at most {LARGEST_BODY}"
            ))  # fmt: skip
            return refused
        return self._send(names.EXCHANGE, envelope, envelope.topic)

    async def retry(self, envelope: Envelope, queue: str, *, attempt: int, after_s: float) -> None:
        """Put it into the tier that brings it back to `queue`."""
        milliseconds = names.tier_for(after_s)
        if milliseconds not in self._declared:
            await self._lay_again(names.tier(milliseconds))
            self._declared.add(milliseconds)
            self._tiers.add(milliseconds)
        self.expect(queue, [envelope.id], within_s=milliseconds / 1000)
        tier = names.tier_name(milliseconds)
        if not await self._send(tier, envelope, queue, {names.H_ATTEMPT: attempt}):
            self._declared.discard(milliseconds)  # somebody deleted its queue: declare it again
            raise TryLater(f"{queue}: the retry tier of {milliseconds} ms is gone")

    def expect(self, queue: str, messages: Iterable[UUID], *, within_s: float = 0.0) -> None:
        """These are with the broker and will be delivered again; until then they are not forgotten."""
        self._forget_late()  # what a neighbour was given instead never comes back here
        latest = self._clock.monotonic() + within_s + LATE_S
        for message in messages:
            self._due_back[queue, message] = latest

    def came_back(self, queue: str, message: UUID) -> None:
        """A message that was expected was delivered again."""
        self._due_back.pop((queue, message), None)

    async def park(self, envelope: Envelope, queue: str, *, reason: str, traceback: str) -> None:
        """Put it into the parking queue with its reason."""
        headers: dict[str, str | int] = {
            names.H_QUEUE: queue,
            names.H_REASON: reason[:2000],
            names.H_TRACEBACK: traceback[-6000:],
        }
        if not await self._send(names.DEAD, envelope, envelope.topic, headers):
            await self._lay_again(names.PARKING)
            raise TryLater(f"{queue}: the queue {names.DEAD} was gone")

    async def depth(self) -> int:
        """Ready in this service's queues and in the retry tiers, and taken but unsettled here.

        What moves from a tier back to its queue, or from a lost connection, is counted by neither for
        a moment: so it counts until it came back, to here or (by the time) to a neighbour.
        """
        self._forget_late()
        waiting = len(self._due_back)
        try:
            for name in (*self._queues, *map(names.tier_name, self._tiers)):
                waiting += await self._ask(partial(ready, queue=name))
        except TryLater as error:
            log.info("depth_unknown", error=str(error), next="taken for not empty")
            return 1
        return waiting + sum(inlet.unsettled for inlet in self._inlets)

    async def trouble(self) -> str:
        """A connection that cannot be had, or a queue that is not consumed."""
        if not self._lines:
            return NOT_CONNECTED.format(at=f"{self._url.host}:{self._url.port}")
        for line in self._lines:
            why = await line.trouble()
            if why:
                return why
        names = [inlet.name for inlet in self._inlets if not inlet.consumes]
        return NOT_CONSUMING.format(queue=names[0]) if names else ""

    def blocked(self) -> str:
        """What the broker is short of and reads nothing for that is published; empty: it reads."""
        return next((line.alarm.reason for line in self._lines if line.alarm.reason), "")

    async def parked(self) -> int:
        """In the parking queue."""
        return await self._ask(partial(ready, queue=names.DEAD))

    async def close(self) -> None:
        """Close both connections."""
        await asyncio.gather(*(line.close() for line in self._lines))

    def _forget_late(self) -> None:
        now = self._clock.monotonic()
        self._due_back = {key: at for key, at in self._due_back.items() if at > now}

    def _send(
        self, exchange: str, envelope: Envelope, key: str,
        headers: Mapping[str, str | int] | None = None,
    ) -> asyncio.Future[bool]:  # fmt: skip
        return self._outlet.publish(saying(envelope, exchange, key, user=self._says, extra=headers))

    async def _lay_again(self, *places: names.Place) -> None:
        """Once it runs, what cannot be made is waited for: an operator may be mending it."""
        try:
            await self._ground.lay(*places)
        except BadInput as error:
            raise TryLater(str(error)) from None

    async def _begin_to_publish(self, _channel: AbstractChannel) -> None:
        await self._lay_again(*names.FROM_THE_START)
        self._declared.clear()  # the tiers may be gone as well: each is declared when it is needed

    async def _ask(self, work: Callable[[AbstractChannel], Awaitable[T]]) -> T:
        """Something that the broker answers; TryLater when it cannot just now."""
        channel = await self._asking.get()
        with outage("no answer"):
            async with asyncio.timeout(OPEN_S):
                return await work(channel)
        raise AssertionError("unreachable: an outage raises")

    async def _until_there(self, work: Callable[[], Awaitable[object]]) -> None:
        """A declaration at the start: a broker that went again is waited for."""
        while True:
            try:
                await work()
                return
            except TryLater as error:
                log.warning("broker_absent", at=f"{self._url.host}:{self._url.port}",
                            error=str(error), next=f"again in {BETWEEN_TRIES_S:g} s")  # fmt: skip
            await self._clock.sleep(BETWEEN_TRIES_S)


async def _nothing(_channel: AbstractChannel) -> None: ...
