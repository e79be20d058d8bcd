"""`amqp://`: RabbitMQ, straight on aio-pika. One connection to publish, another to consume."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar
from uuid import UUID

import structlog
from aio_pika import ExchangeType, connect_robust
from aio_pika.abc import (
    AbstractExchange,
    AbstractQueue,
    AbstractRobustChannel,
    AbstractRobustConnection,
)
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, ChannelPreconditionFailed, PublishError
from aiormq.exceptions import (
    ChannelAccessRefused,
    InvalidFrameError,
    ProbableAuthenticationError,
)
from yarl import URL

from shared.bus import amqp_names as names
from shared.bus.amqp_inlet import AmqpInlet
from shared.bus.amqp_wire import to_amqp
from shared.bus.driver import Queue
from shared.clock import Clock
from shared.errors import BadInput, Refused, TryLater
from shared.messages import Envelope
from shared.store.outbox import LARGEST_BODY

log = structlog.get_logger()

PUBLISH_TIMEOUT_S = 15.0
WAIT_FOR_BROKER_S = 2.0
LATE_S = 2.0
"""How much later than its tier's time a message may come back."""

T = TypeVar("T")


class AmqpDriver:
    """One service's connections to RabbitMQ.

    Channels and queues are kept in attributes: the robust connection holds them weakly, and a
    garbage collection during an outage would lose a consumer without a word.
    """

    name = "amqp"
    window = 100
    keeps_dead = True
    keeps_unheard = True

    def __init__(self, url: str, clock: Clock, *, shared_identity: bool = False) -> None:
        """`shared_identity`: every service is the same broker user, so senders are not proven."""
        self._url = URL(url)
        self._clock = clock
        self._shared = shared_identity
        self._queues: dict[str, AbstractQueue] = {}
        self._tiers: dict[int, AbstractExchange] = {}
        self._tier_queues: dict[int, AbstractQueue] = {}
        self._inlets: list[AmqpInlet] = []
        self._due_back: dict[tuple[str, UUID], float] = {}

    @property
    def user(self) -> str | None:
        """The broker's user that this is."""
        return self._url.user

    async def pause(self, seconds: float) -> None:
        """Wait before something is tried again."""
        await self._clock.sleep(seconds)

    async def connect(self, service: str) -> None:
        """Connect, waiting for an absent broker with a line that says so; declare the exchanges."""
        if self._shared:
            log.warning("senders_not_proven", service=service,
                        why="bus.identity=shared: every service is the same broker user",
                        next="give each service a user of its own")  # fmt: skip
        self._out = await self._reach(service, "publish")
        self._in = await self._reach(service, "consume")
        self._channel = await self._open_channel(self._out, publishing=True)
        self._declaring = await self._open_channel(self._out)
        self._exchange = await self._declaring.declare_exchange(
            names.EXCHANGE, ExchangeType.TOPIC, durable=True
        )
        self._return = await self._declaring.declare_exchange(
            names.RETURN, ExchangeType.DIRECT, durable=True
        )
        await self._declare_parking()
        self._said = await self._channel.get_exchange(names.EXCHANGE, ensure=False)
        self._parking = await self._channel.get_exchange(names.DEAD, ensure=False)

    async def declare(self, queue: Queue) -> None:
        """Declare a quorum queue with its bindings; BadInput when another one has the name."""
        declared = await self._conflicts(queue.name, self._declaring.declare_queue(
            queue.name, durable=True, arguments=dict(names.queue_arguments(queue)),
        ))  # fmt: skip
        for topic in queue.topics:
            await declared.bind(self._exchange, topic)
        await declared.bind(self._return, queue.name)
        self._queues[queue.name] = declared

    async def open(self, queue: Queue) -> AmqpInlet:
        """Consume on a channel of its own, so that `prefetch` is the queue's."""
        channel = await self._open_channel(self._in)
        await channel.set_qos(prefetch_count=queue.prefetch)
        consumed = await channel.declare_queue(  # declared here too: only so it is restored
            queue.name, durable=True, arguments=dict(names.queue_arguments(queue))
        )
        for topic in queue.topics:  # and bound, so that a queue that was deleted comes back whole
            await consumed.bind(names.EXCHANGE, topic)
        await consumed.bind(names.RETURN, queue.name)
        inlet = AmqpInlet(self, queue, channel, consumed, proven=not self._shared)
        await inlet.start()
        self._inlets.append(inlet)
        return inlet

    async def publish(self, envelope: Envelope) -> bool:
        """Confirmed by the broker; False when nobody is bound."""
        if len(envelope.body) > LARGEST_BODY:
            raise Refused(f"{envelope.topic} {envelope.id}: {len(envelope.body)} bytes; "
                          f"at most {LARGEST_BODY}")  # fmt: skip
        return await self._send(self._said, envelope, envelope.topic, {})

    async def retry(self, envelope: Envelope, queue: str, *, attempt: int, after_s: float) -> None:
        """Put it into the tier that brings it back to `queue`."""
        milliseconds = names.tier_for(after_s)
        tier = await self._tier(milliseconds)
        latest = self._clock.monotonic() + milliseconds / 1000 + LATE_S
        self._due_back[queue, envelope.id] = latest
        if not await self._send(tier, envelope, queue, {names.H_ATTEMPT: attempt}):
            del self._tiers[milliseconds]  # somebody deleted its queue: declare it again
            raise TryLater(f"{queue}: the retry tier of {milliseconds} ms is gone")

    def came_back(self, queue: str, message: UUID) -> None:
        """A message that waited in a tier was delivered again."""
        self._due_back.pop((queue, message), None)

    async def park(self, envelope: Envelope, queue: str, *, reason: str, traceback: str) -> None:
        """Put it into the parking queue with its reason."""
        headers = {
            names.H_QUEUE: queue,
            names.H_REASON: reason[:2000],
            names.H_TRACEBACK: traceback[-6000:],
        }
        if not await self._send(self._parking, envelope, envelope.topic, dict(headers)):
            await self._outside(self._declare_parking())
            raise TryLater(f"{queue}: the queue {names.DEAD} was gone")

    async def depth(self) -> int:
        """Ready in this service's queues and in the retry tiers, and taken but unsettled here.

        What moves from a tier back to its queue is counted by neither for a moment, so what was
        put there from here counts until it came back, to here or (by the time) to a neighbour.
        """
        try:
            return await self._depth()
        except CONNECTION_EXCEPTIONS as error:
            log.info("depth_unknown", error=str(error), next="taken for not empty")
            return 1

    async def _depth(self) -> int:
        now = self._clock.monotonic()
        self._due_back = {key: at for key, at in self._due_back.items() if at > now}
        ready = len(self._due_back)
        for name in (*self._queues, *(names.tier_name(tier) for tier in self._tiers)):
            ready += await self._ready(name)
        return ready + sum(inlet.unsettled for inlet in self._inlets)

    async def _ready(self, queue: str) -> int:
        # the robust channel answers a passive declare from memory; the one below it asks the broker
        below = await self._declaring.get_underlay_channel()
        declared = await below.queue_declare(queue, passive=True)
        return declared.message_count or 0

    async def close(self) -> None:
        """Close both connections."""
        for connection in (getattr(self, "_in", None), getattr(self, "_out", None)):
            if connection is not None:
                await connection.close()

    async def _send(
        self, exchange: AbstractExchange, envelope: Envelope, key: str,
        headers: dict[str, str | int],
    ) -> bool:  # fmt: skip
        user = None if self._shared else self._url.user
        message = to_amqp(envelope, user=user, extra=dict(headers))
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                await exchange.publish(message, key, mandatory=True)
        except PublishError:
            return False
        except ChannelAccessRefused as error:
            raise Refused(f"{key}: the broker refuses it for {self._url.user}: {error}") from None
        except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
            raise TryLater(f"{key}: not confirmed: {error!r}") from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise TryLater(f"{key}: not confirmed: the connection closed") from None
        return True

    async def _outside(self, declaring: Awaitable[T]) -> T:
        """A declaration in the middle of work: an outage is a reason to try later."""
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                return await declaring
        except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
            raise TryLater(f"not declared: {error!r}") from None

    async def _tier(self, milliseconds: int) -> AbstractExchange:
        if milliseconds not in self._tiers:
            await self._outside(self._declare_tier(milliseconds))
        return self._tiers[milliseconds]

    async def _declare_tier(self, milliseconds: int) -> None:
        name = names.tier_name(milliseconds)
        exchange = await self._declaring.declare_exchange(name, ExchangeType.FANOUT, durable=True)
        queue = await self._conflicts(name, self._declaring.declare_queue(
            name, durable=True, arguments=dict(names.tier_arguments(milliseconds)),
        ))  # fmt: skip
        await queue.bind(exchange)
        self._tier_queues[milliseconds] = queue
        self._tiers[milliseconds] = await self._channel.get_exchange(name, ensure=False)

    async def _declare_parking(self) -> None:
        exchange = await self._declaring.declare_exchange(
            names.DEAD, ExchangeType.FANOUT, durable=True
        )
        queue = await self._declaring.declare_queue(
            names.DEAD, durable=True, arguments={"x-queue-type": "quorum"}
        )
        await queue.bind(exchange)
        self._parked = queue

    async def _open_channel(
        self, connection: AbstractRobustConnection, *, publishing: bool = False
    ) -> AbstractRobustChannel:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=publishing)
        assert isinstance(channel, AbstractRobustChannel)
        return channel

    async def _conflicts(self, name: str, declaring: Awaitable[T]) -> T:
        try:
            return await declaring
        except ChannelPreconditionFailed as error:
            raise BadInput(
                f"queue {name}: the broker has another queue of that name ({error}); delete it or "
                "use a vhost of its own"
            ) from None

    async def _reach(self, service: str, purpose: str) -> AbstractRobustConnection:
        while True:
            try:
                return await connect_robust(
                    self._url, reconnect_interval=1,
                    client_properties={"connection_name": f"{service} ({purpose})"},
                )  # fmt: skip
            except (ProbableAuthenticationError, InvalidFrameError) as error:
                # the second is how aiormq puts it that the broker closed instead of opening a vhost
                raise BadInput(
                    f"broker {self._url.host}{self._url.path}: it does not let {self._url.user} in "
                    f"({error}); check user, password and vhost"
                ) from None
            except CONNECTION_EXCEPTIONS as error:
                log.warning("broker_absent", service=service, at=f"{self._url.host}:{self._url.port}",
                            error=str(error), next=f"again in {WAIT_FOR_BROKER_S:g} s")  # fmt: skip
                await self._clock.sleep(WAIT_FOR_BROKER_S)
