"""The dead letters that RabbitMQ keeps: looked through, sent back, or dropped.

    async with parked(visitor) as parking:
        async for letter in parking.letters():
            await parking.replay(letter)        # or drop(letter); the others are put back in their order

Each letter is taken without being acknowledged, and put back at the end with one frame, in front and in
order. Whatever ends this in the middle, the broker puts them back by itself: nothing is lost.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aio_pika import Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import PublishError
from aiormq.exceptions import (
    ChannelAccessRefused,
    ChannelLockedResource,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)

from shared.bus import amqp_dead
from shared.bus import amqp_names as names
from shared.bus.amqp_declaring import ready
from shared.bus.amqp_line import OPEN_S, Kept, hang_up, outage
from shared.bus.amqp_visitor import Visitor
from shared.bus.letter import Letter
from shared.errors import Refused, TryLater

log = structlog.get_logger()

LOCK_TRIES, LOCK_S = 10, 0.2
RENEW_AT = 10
"""Each look counts as a delivery, and newer brokers drop what was delivered twenty times, whatever a
queue says: a letter that was looked at so often is put back as a new one, behind the others."""

NO_PARKING = (
    "broker: it has no queue {queue}: no fleet has run on this vhost; name another one with --bus"
)
NOT_READ = "broker: {user} may not read the queue {queue} ({error}); use the user `operator`"
BUSY = "dead letters: somebody else looks through them now; try again when that has ended"
MOVED_ON = "{id}: only the letter that was looked at last can be replayed"
NOWHERE = "{id}: nobody said which queue it is for, so it cannot be replayed; drop it"
GONE = (
    "{id}: the queue {queue} is gone, so nobody would get it; start the service, or drop the letter"
)
NOT_SENT = "{id}: {user} may not write to the exchange {exchange}; use the user `operator`"
NO_IMPERSONATOR = (
    "{id}: {sender} said it, and the broker lets {user} not say so; use the user `operator`, or give "
    "yours the tag: rabbitmqctl set_user_tags {user} impersonator"
)


@asynccontextmanager
async def parked(visitor: Visitor) -> AsyncIterator["Parking"]:
    """The parking queue, for one command of a user at a time. Refused with one line when it is not to
    be read; what was neither replayed nor dropped is put back at the end."""
    await _alone(visitor)
    parking = Parking(visitor, await visitor.line.channel())
    try:
        yield parking
    finally:
        await parking.close()


class Parking:
    """Letters that were taken and not acknowledged, on one channel."""

    def __init__(self, visitor: Visitor, channel: AbstractChannel) -> None:
        self._user = visitor.user
        self._channel = channel
        self._mouth = Kept(visitor.line, _nothing, returns=True)
        self._held: dict[int, AbstractIncomingMessage | None] = {}
        """By delivery tag, in order. Bodies may be large: whole only the one that was given out last,
        and those that are renewed at the end."""
        self.worn = 0
        """Letters that were looked at often and that this user may not renew; known at the end."""

    async def letters(self) -> AsyncIterator[Letter]:
        """Each that was there when this began, oldest first. What comes meanwhile is not waited for,
        so what is replayed and dies again at once is not met a second time."""
        queue = await self._channel.get_queue(names.DEAD, ensure=False)
        for _ in range(await self._count()):
            message = await self._next(queue)
            if message is None:
                return
            tag = message.delivery_tag or 0
            self._held[tag] = message
            yield amqp_dead.letter(message)
            if tag in self._held and amqp_dead.looks(message) < RENEW_AT:
                self._held[tag] = None

    async def replay(self, letter: Letter) -> None:
        """Send the letter that was given out last back to the one queue it came from, confirmed, and
        only then let it go.

        As its own sender, with its own id, as if it were delivered for the first time. Refused when it
        cannot be: it then stays where it is.
        """
        message = self._held.get(letter.place)
        if message is None:
            raise Refused(MOVED_ON.format(id=letter.id))
        if not letter.queue:
            raise Refused(NOWHERE.format(id=letter.id))
        again = amqp_dead.again(message)
        try:
            heard = await self._publish(names.RETURN, again, letter.queue)
        except ChannelAccessRefused:
            words = NOT_SENT.format(id=letter.id, user=self._user, exchange=names.RETURN)
            raise Refused(words) from None
        except ChannelPreconditionFailed:
            words = NO_IMPERSONATOR.format(id=letter.id, sender=again.user_id, user=self._user)
            raise Refused(words) from None
        if not heard:
            raise Refused(GONE.format(id=letter.id, queue=letter.queue))
        await self.drop(letter)

    async def drop(self, letter: Letter) -> None:
        """Let a letter go for ever; any that was given out."""
        with outage(f"{letter.id}: not let go"):
            below = await self._channel.get_underlay_channel()
            await below.basic_ack(letter.place)
        del self._held[letter.place]

    async def close(self) -> None:
        """Put back what is held, the first in front, with one frame."""
        try:
            with outage("not put back"):  # then the broker does
                await self._renew()
                if self._held:
                    below = await self._channel.get_underlay_channel()
                    await below.basic_nack(max(self._held), multiple=True, requeue=True)
        except TryLater as error:
            log.info("letters_back", error=str(error), next="the broker puts them back")
        self._held.clear()
        await hang_up(self._channel)

    async def _renew(self) -> None:
        worn = {
            tag: message for tag, message in self._held.items()
            if message is not None and amqp_dead.looks(message) >= RENEW_AT
        }  # fmt: skip
        for tag, message in worn.items():
            try:
                there = await self._publish(names.DEAD, amqp_dead.renewed(message), names.DEAD)
            except (ChannelAccessRefused, ChannelPreconditionFailed):
                there = False
            if not there:
                self.worn += 1
                continue
            below = await self._channel.get_underlay_channel()
            await below.basic_ack(tag)
            del self._held[tag]

    async def _count(self) -> int:
        try:
            with outage(f"{names.DEAD}: not read", but=(ChannelNotFoundEntity,)):
                return await ready(self._channel, names.DEAD)
        except ChannelNotFoundEntity:
            raise Refused(NO_PARKING.format(queue=names.DEAD)) from None
        raise AssertionError("unreachable: an outage raises")

    async def _next(self, queue: AbstractQueue) -> AbstractIncomingMessage | None:
        try:
            with outage(f"{names.DEAD}: not read", but=(ChannelAccessRefused,)):
                return await queue.get(fail=False, timeout=OPEN_S)
        except ChannelAccessRefused as error:
            words = NOT_READ.format(user=self._user, queue=names.DEAD, error=error)
            raise Refused(words) from None
        raise AssertionError("unreachable: an outage raises")

    async def _publish(self, exchange: str, message: Message, key: str) -> bool:
        """True once it is confirmed, False when it came back."""
        channel = await self._mouth.get()
        told = (ChannelAccessRefused, ChannelPreconditionFailed, PublishError)
        try:
            with outage(f"{key}: not confirmed", but=told):
                async with asyncio.timeout(OPEN_S):
                    there = await channel.get_exchange(exchange, ensure=False)
                    await there.publish(message, key, mandatory=True)
        except PublishError:
            return False
        return True


async def _alone(visitor: Visitor) -> None:
    """Two who look at once would each see a part. The lock is an exclusive queue: it goes with the
    connection, a moment after it. A user who may make none looks without it."""
    for _ in range(LOCK_TRIES):
        channel = await visitor.line.channel()
        try:
            with outage("not locked", but=(ChannelLockedResource, ChannelAccessRefused)):
                await channel.declare_queue(f"tail.{visitor.user}.dead", exclusive=True)
            return
        except ChannelLockedResource:
            await visitor.pause(LOCK_S)
        except ChannelAccessRefused:
            return
    raise Refused(BUSY)


async def _nothing(_channel: AbstractChannel) -> None: ...
