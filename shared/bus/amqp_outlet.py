"""Publishes with confirm; a publish that the broker refuses takes nobody else with it for long."""

import asyncio
from collections.abc import Awaitable, Callable

from aio_pika import Message
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import PublishError
from aiormq.channel import Channel
from aiormq.exceptions import ChannelAccessRefused

from shared.bus.amqp_line import Kept, Line, outage
from shared.bus.amqp_writing import Writing
from shared.errors import Refused, TryLater

PUBLISH_TIMEOUT_S = 15.0

Begin = Callable[[AbstractChannel], Awaitable[None]]


class Outlet:
    """Two channels of one line: one for all, and one for what may be refused, one at a time.

    The broker answers a publish that it refuses by closing the channel, with everything that is under
    way on it, and does not say which one it meant. So all of those are said again, each alone, until
    it is known which may pass; what was refused alone is not said among others any more.
    """

    def __init__(self, line: Line, begin: Begin, *, user: str | None) -> None:
        """`begin`: declares what is published to, on each new channel."""
        self._user = user
        self._among_others = _Mouth(line, begin)
        self._alone = _Mouth(line, begin)
        self._one_at_a_time = asyncio.Lock()
        self._suspect: set[tuple[str, str]] = set()

    async def publish(self, exchange: str, message: Message, key: str) -> bool:
        """True when it is confirmed, False when it came back. TryLater, or Refused for itself."""
        target = (exchange, key)
        while True:
            if target not in self._suspect:
                try:
                    return await self._among_others.say(exchange, message, key)
                except ChannelAccessRefused:
                    self._suspect.add(target)
            async with self._one_at_a_time:
                if target not in self._suspect:
                    continue  # one of its kind has passed meanwhile
                try:
                    heard = await self._alone.say(exchange, message, key)
                except ChannelAccessRefused as error:
                    raise Refused(
                        f"{key}: the broker refuses it for {self._user}: {error}"
                    ) from None
                self._suspect.discard(target)
                return heard


class _Mouth:
    """Publishes on one channel, opened anew when it was closed."""

    def __init__(self, line: Line, begin: Begin) -> None:
        self._begin = begin
        self._alarm = line.alarm
        self._alarm.changed.append(lambda: self._under_way.wait(blocked=bool(self._alarm.reason)))
        self._kept = Kept(line, self._begun, returns=True)
        self._under_way = _UnderWay()

    async def say(self, exchange: str, message: Message, key: str) -> bool:
        """As `Outlet.publish`, but ChannelAccessRefused when it or another on the channel was refused."""
        await self._kept.get()
        here = self._under_way
        try:
            with outage(f"{key}: not confirmed", but=(ChannelAccessRefused,)):
                async with asyncio.timeout(PUBLISH_TIMEOUT_S) as limit:
                    here.limits.add(limit)
                    try:
                        if self._alarm.reason:
                            here.wait(blocked=True)
                            await self._alarm.over()
                        await here.writing.publish(exchange, key, message.properties, message.body)
                    except PublishError:
                        return False
                    finally:
                        here.limits.discard(limit)
        except TryLater:
            if isinstance(here.why, ChannelAccessRefused):
                raise ChannelAccessRefused(*here.why.args) from None
            raise
        return True

    async def _begun(self, channel: AbstractChannel) -> None:
        below = await channel.get_underlay_channel()
        assert isinstance(below, Channel)
        here = _UnderWay()
        here.writing = Writing(below)
        channel.close_callbacks.add(here.closed)
        await self._begin(channel)
        self._under_way = here


class _UnderWay:
    """What is being published on one channel, and why that was closed.

    The client leaves those waiting who have not handed over their message yet when the channel closes,
    and whoever waits for them: they are let go from here.
    """

    writing: Writing
    """Of an open channel."""

    def __init__(self) -> None:
        self.why: BaseException | None = None
        self.limits: set[asyncio.Timeout] = set()
        """Each is over at once when the channel closes, and does not run while the broker is blocked."""

    def closed(self, _channel: AbstractChannel | None, why: BaseException | None) -> None:
        """Called by the client when the channel was closed, by whomever."""
        self.why = why
        now = asyncio.get_running_loop().time()
        for limit in self.limits:
            if not limit.expired():
                limit.reschedule(now)

    def wait(self, *, blocked: bool) -> None:
        """A broker that reads nothing is not one that is lost: the time runs again when it reads."""
        at = None if blocked else asyncio.get_running_loop().time() + PUBLISH_TIMEOUT_S
        if self.why is None:
            for limit in self.limits:
                if not limit.expired():
                    limit.reschedule(at)
