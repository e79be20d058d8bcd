"""One consumer of one RabbitMQ queue."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue, AbstractRobustChannel
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from shared.bus.amqp_wire import attempt_of, from_amqp
from shared.bus.driver import Again, Dead, Delivery, Queue, Verdict
from shared.errors import BadInput, Refused, TryLater
from shared.messages import Envelope

if TYPE_CHECKING:
    from shared.bus.amqp import AmqpDriver

log = structlog.get_logger()

CANCEL_S = 5.0
AGAIN_S = 0.25
QUIET_S = 0.1
HOPS = 10
"""More turns of the loop than the client takes from a frame to the box (a task within a task)."""


class AmqpInlet:
    """Takes from a box that the consumer fills; one task works it in order, which is what makes
    acknowledging with `multiple` safe."""

    def __init__(
        self, driver: "AmqpDriver", queue: Queue, channel: AbstractRobustChannel,
        consumed: AbstractQueue, *, proven: bool,
    ) -> None:  # fmt: skip
        self._driver = driver
        self._queue = queue
        self._channel = channel
        self._consumed = consumed
        self._proven = proven
        self._box: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        self._taken = 0
        self._tag = ""
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
        return self._box.qsize() - end + self._taken

    async def start(self) -> None:
        """Begin to consume."""
        self._tag = await self._consumed.consume(self._box.put)

    async def take(self, most: int) -> list[Delivery]:
        """Wait for one, and take what is there; nothing once the consumer was cancelled."""
        while not (self._ceased and self._box.empty()):
            first = await self._box.get()
            messages = [first] if first is not None else []
            while len(messages) < most and not self._box.empty():
                message = self._box.get_nowait()
                if message is not None:
                    messages.append(message)
            self._taken = len(messages)
            taken = [delivery for message in messages if (delivery := await self._read(message))]
            if taken:
                return taken
            self._taken = 0
        return []

    async def settle(self, verdicts: Sequence[Verdict]) -> None:
        """Send on what goes elsewhere, confirmed; then acknowledge all with one frame.

        A message whose channel is gone is left alone: the broker delivers it again, and the inbox
        drops it.
        """
        for verdict in verdicts:
            await self._send_on(verdict)
        newest: dict[int, AbstractIncomingMessage] = {}
        for verdict in verdicts:
            message = verdict.delivery.token
            assert isinstance(message, AbstractIncomingMessage)
            try:
                key = id(message.channel)
            except CONNECTION_EXCEPTIONS:
                continue
            last = newest.get(key)
            if last is None or (message.delivery_tag or 0) > (last.delivery_tag or 0):
                newest[key] = message
        await self._may_ack.wait()
        for message in newest.values():
            await self._ack(message)
        self._taken = 0

    async def cease(self) -> None:
        """Cancel the consumer. What the broker had sent is still worked off: given back, it would
        count as a needless delivery."""
        self._may_ack.clear()
        try:
            async with asyncio.timeout(CANCEL_S):
                await self._until_nothing_is_on_its_way()
                await self._consumed.cancel(self._tag)
        except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
            log.info("consumer_gone", queue=self._queue.name, error=repr(error), next="nothing")
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
        try:
            await self._channel.close()
        except CONNECTION_EXCEPTIONS as error:
            log.info("consumer_gone", queue=self._queue.name, error=str(error), next="nothing")

    async def _read(self, message: AbstractIncomingMessage) -> Delivery | None:
        try:
            envelope = from_amqp(message, proven=self._proven, me=self._driver.user)
        except BadInput as error:
            await self._discard(message, str(error))
            return None
        self._driver.came_back(self._queue.name, envelope.id)
        return Delivery(envelope, attempt_of(message), message)

    async def _discard(self, message: AbstractIncomingMessage, reason: str) -> None:
        """Not one of ours at all: the broker parks it as it is."""
        log.error("dead_letter", queue=self._queue.name, reason=reason, next="gatefleet dead list")
        try:
            await message.reject(requeue=False)
        except CONNECTION_EXCEPTIONS as error:
            log.info("reject_lost", queue=self._queue.name, error=str(error), next="it comes again")

    async def _send_on(self, verdict: Verdict) -> None:
        envelope, attempt = verdict.delivery.envelope, verdict.delivery.attempt
        while True:
            try:
                if isinstance(verdict, Again):
                    await self._driver.retry(
                        envelope, self._queue.name, attempt=attempt + 1, after_s=verdict.after_s
                    )
                elif isinstance(verdict, Dead):
                    await self._park(envelope, verdict)
                return
            except (TryLater, Refused) as error:  # not acknowledged before it is safe elsewhere
                log.warning("settle_failed", queue=self._queue.name, error=str(error), next="again")
                await self._driver.pause(AGAIN_S)

    async def _park(self, envelope: Envelope, verdict: Dead) -> None:
        await self._driver.park(
            envelope, self._queue.name, reason=verdict.reason, traceback=verdict.traceback
        )

    async def _ack(self, message: AbstractIncomingMessage) -> None:
        try:
            await message.ack(multiple=True)
        except CONNECTION_EXCEPTIONS as error:
            log.info("ack_lost", queue=self._queue.name, error=str(error),
                     next="it comes again and the inbox drops it")  # fmt: skip


async def _hops() -> None:
    """Let the client put what it has read into the box."""
    for _ in range(HOPS):
        await asyncio.sleep(0)
