"""One consumer of one RabbitMQ queue."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import structlog
from aio_pika.abc import AbstractChannel, AbstractQueue
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from shared.bus.amqp_declaring import declare_queue
from shared.bus.amqp_intake import Intake
from shared.bus.amqp_line import BETWEEN_TRIES_S, OPEN_S, Line, hang_up, outage
from shared.bus.amqp_sending_on import SendsOn, send_on
from shared.bus.amqp_wire import Incoming, attempt_of
from shared.bus.driver import Delivery, Queue, Verdict
from shared.errors import BadInput, TryLater

log = structlog.get_logger()

CANCEL_S = 5.0
QUIET_S = 0.1
HOPS = 10
"""More turns of the loop than the client takes from a frame to the box (a task within a task)."""


class Opener(SendsOn, Protocol):
    """What an inlet asks of the driver that opened it: to send on, and to know what comes again."""

    @property
    def user(self) -> str | None:
        """The broker's user that this is."""

    def expect(self, queue: str, messages: Iterable[UUID]) -> None:
        """These are with the broker and will be delivered again."""

    def came_back(self, queue: str, message: UUID) -> None:
        """One that was expected was delivered again."""


@dataclass(eq=False)
class _Consumer:
    """One channel that consumes, until it is closed or the broker cancels it (a deleted queue)."""

    channel: AbstractChannel
    queue: AbstractQueue
    tag: str = ""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def over(self, *_of_the_client: object) -> None:
        """Called by the client, whichever way it ended."""
        self.gone.set()


class AmqpInlet:
    """Takes from a box that the consumer fills; one task works it in order, which is what makes
    acknowledging with `multiple` safe. Another task begins to consume again when that has ended."""

    def __init__(self, driver: Opener, queue: Queue, line: Line, *, proven: bool) -> None:
        self._driver = driver
        self._queue = queue
        self._line = line
        self._proven = proven
        self._box: asyncio.Queue[Incoming | None] = asyncio.Queue()
        self._taken: list[Incoming] = []
        self._consumer: _Consumer | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._ceased = False
        self._closed = False
        self._may_ack = asyncio.Event()
        self._may_ack.set()

    @property
    def unsettled(self) -> int:
        """Taken from the broker, and not settled yet."""
        if self._closed:
            return 0  # it was given back
        end = 1 if self._ceased and not self._box.empty() else 0
        return self._box.qsize() - end + len(self._taken)

    @property
    def name(self) -> str:
        """Of its queue."""
        return self._queue.name

    @property
    def consumes(self) -> bool:
        """Whether the broker gives it what comes."""
        return self._consumer is not None and not self._consumer.gone.is_set()

    async def start(self) -> None:
        """Begin to consume, waiting for a broker that went again; BadInput when it cannot be."""
        self._consumer = await self._consuming(conflict_is_for_ever=True)
        self._keeping = asyncio.create_task(self._keep(self._consumer))

    async def take(self, most: int) -> list[Delivery]:
        """Wait for one, and take what is there; nothing once the consumer was cancelled."""
        while not (self._ceased and self._box.empty()):
            first = await self._box.get()
            messages = [first] if first is not None else []
            while len(messages) < most and not self._box.empty():
                message = self._box.get_nowait()
                if message is not None:
                    messages.append(message)
            self._taken = messages
            taken = [delivery for message in messages if (delivery := await self._read(message))]
            if taken:
                return taken
            self._taken = []
        return []

    async def settle(self, verdicts: Sequence[Verdict]) -> None:
        """Send on what goes elsewhere, confirmed; then acknowledge all with one frame.

        A message whose channel is gone is left alone: the broker delivers it again, and the inbox
        drops it.
        """
        for verdict in verdicts:
            if _channel_of(verdict) is not None:
                await send_on(verdict, self._queue.name, self._driver)
        await self._may_ack.wait()
        newest: dict[int, Incoming] = {}
        for verdict in verdicts:
            message = verdict.delivery.token
            key = _channel_of(verdict)
            if key is None or not isinstance(message, Incoming):
                continue
            last = newest.get(key)
            if last is None or message.delivery_tag > last.delivery_tag:
                newest[key] = message
        for message in newest.values():
            await self._ack(message)
        self._taken = []

    async def cease(self) -> None:
        """Cancel the consumer. What the broker had sent is still worked off: given back, it would
        count as a needless delivery."""
        await self._stop_keeping()
        self._may_ack.clear()
        consumer = self._consumer
        try:
            if consumer is not None and not consumer.gone.is_set():
                with outage(f"{self._queue.name}: not cancelled"):
                    async with asyncio.timeout(CANCEL_S):
                        await self._until_nothing_is_on_its_way()
                        await consumer.queue.cancel(consumer.tag)
        except TryLater as error:
            log.info("consumer_gone", queue=self._queue.name, error=str(error), next="nothing")
        finally:
            self._may_ack.set()
        await _hops()
        self._ceased = True
        self._box.put_nowait(None)

    async def _until_nothing_is_on_its_way(self) -> None:
        """A quorum queue gives back, counted as delivered, what it has picked for a consumer and not
        sent when that is cancelled. While nothing is acknowledged it picks no more than the prefetch
        allows; when that is here, or nothing comes for a while, there is nothing to give back."""
        before = -1
        while before < self.unsettled < self._queue.prefetch:
            before = self.unsettled
            await self._driver.pause(QUIET_S)

    async def close(self) -> None:
        """Close the channel: what is left goes back."""
        self._closed = True
        await self._stop_keeping()
        if self._consumer is not None:
            await hang_up(self._consumer.channel)

    async def _stop_keeping(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def _keep(self, consumer: _Consumer) -> None:
        """Consume again whenever it has ended, for as long as this task lives."""
        while True:
            await consumer.gone.wait()
            await hang_up(consumer.channel)  # first: it could fill the box again
            self._give_back()
            log.warning("consumer_lost", queue=self._queue.name, next="consumes again")
            self._consumer = consumer = await self._consuming(conflict_is_for_ever=False)
            log.info("consumer_back", queue=self._queue.name)

    def _give_back(self) -> None:
        """What a lost channel held is the broker's again, and will be delivered again."""
        lost = self._taken.copy()
        while not self._box.empty():
            message = self._box.get_nowait()
            if message is not None:
                lost.append(message)
        ids = []
        for message in lost:
            with suppress(ValueError):  # not one of ours: nobody waits for it
                ids.append(UUID(str(message.message_id)))
        self._driver.expect(self._queue.name, ids)

    async def _consuming(self, *, conflict_is_for_ever: bool) -> _Consumer:
        """A consumer at work, tried until there is one."""
        while True:
            try:
                return await self._consume()
            except TryLater as error:
                log.warning("not_consuming", queue=self._queue.name, error=str(error),
                            next=f"again in {BETWEEN_TRIES_S:g} s")  # fmt: skip
            except BadInput as error:
                if conflict_is_for_ever:
                    raise
                log.error("not_consuming", queue=self._queue.name, error=str(error),
                          next=f"again in {BETWEEN_TRIES_S:g} s")  # fmt: skip
            await self._driver.pause(BETWEEN_TRIES_S)

    async def _consume(self) -> _Consumer:
        channel = await self._line.channel()
        try:
            with outage(f"{self._queue.name}: not consumed"):
                async with asyncio.timeout(OPEN_S):
                    await channel.set_qos(prefetch_count=self._queue.prefetch)
                    # declared and bound here too, so that a queue that was deleted comes back whole
                    consumer = _Consumer(channel, await declare_queue(channel, self._queue))
                    below = await channel.get_underlay_channel()
                    below.on_consumer_cancel_callbacks.add(consumer.over)
                    channel.close_callbacks.add(consumer.over)
                    assert isinstance(below, Channel)
                    below.frames = Intake(below, self._came)
                    begun = await below.basic_consume(self._queue.name, self._came_by_task)
                    consumer.tag = str(begun.consumer_tag)
        except BaseException:
            await hang_up(channel)
            raise
        return consumer

    def _came(self, message: DeliveredMessage) -> None:
        """Called with each delivery, in their order."""
        came = Incoming(message)
        came.read(proven=self._proven, me=self._driver.user)  # here, while the store is written to
        self._box.put_nowait(came)

    async def _came_by_task(self, message: DeliveredMessage) -> None:
        """What the client itself would call: a client that goes past the intake loses nothing by it."""
        self._came(message)

    async def _read(self, message: Incoming) -> Delivery | None:
        if message.envelope is None:
            await self._discard(message, message.wrong)
            return None
        self._driver.came_back(self._queue.name, message.envelope.id)
        return Delivery(message.envelope, attempt_of(message), message)

    async def _discard(self, message: Incoming, reason: str) -> None:
        """Not one of ours at all: the broker parks it as it is."""
        log.error("dead_letter", queue=self._queue.name, reason=reason, next="gatefleet dead list")
        try:
            await message.channel.basic_reject(message.delivery_tag, requeue=False)
        except CONNECTION_EXCEPTIONS as error:
            log.info("reject_lost", queue=self._queue.name, error=str(error), next="it comes again")

    async def _ack(self, message: Incoming) -> None:
        try:
            await message.channel.basic_ack(message.delivery_tag, multiple=True, wait=False)
        except CONNECTION_EXCEPTIONS as error:
            log.info("ack_lost", queue=self._queue.name, error=str(error),
                     next="it comes again and the inbox drops it")  # fmt: skip


async def _hops() -> None:
    """Let the client put what it has read into the box."""
    for _ in range(HOPS):
        await asyncio.sleep(0)


def _channel_of(verdict: Verdict) -> int | None:
    """Which channel it came by; None when that is gone."""
    message = verdict.delivery.token
    assert isinstance(message, Incoming)
    try:
        return id(message.channel)
    except CONNECTION_EXCEPTIONS:
        return None
