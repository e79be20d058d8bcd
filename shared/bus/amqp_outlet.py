"""Publishes with confirm; a publish that the broker refuses takes nobody else with it for long."""

import asyncio
from collections.abc import Awaitable, Callable

from aio_pika.abc import AbstractChannel
from aiormq.channel import Channel
from aiormq.exceptions import ChannelAccessRefused

from shared.bus.amqp_line import Kept, Line
from shared.bus.amqp_under_way import Confirmation, UnderWay
from shared.bus.amqp_writing import Saying, Writing
from shared.errors import Refused

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

    def publish(self, said: Saying) -> asyncio.Future[bool]:
        """True when it is confirmed, False when it came back. TryLater, or Refused for itself."""
        if (said.exchange, said.key) not in self._suspect and self._among_others.is_open:
            return self._among_others.say(said, self._refused)
        return asyncio.ensure_future(self._publish(said))

    def _refused(self, confirmation: Confirmation) -> None:
        """It, or another on its channel: the long way tells."""
        told = asyncio.ensure_future(self._publish(confirmation.said, suspect=True))
        confirmation.follow(told)

    async def _publish(self, said: Saying, *, suspect: bool = False) -> bool:
        target = (said.exchange, said.key)
        if suspect:
            self._suspect.add(target)
        while True:
            if target not in self._suspect:
                try:
                    return await self._among_others.open_and_say(said)
                except ChannelAccessRefused:
                    self._suspect.add(target)
            async with self._one_at_a_time:
                if target not in self._suspect:
                    continue  # one of its kind has passed meanwhile
                try:
                    heard = await self._alone.open_and_say(said)
                except ChannelAccessRefused as error:
                    raise Refused(
                        f"{said.key}: the broker refuses it for {self._user}: {error}"
                    ) from None
                self._suspect.discard(target)
                return heard


class _Mouth:
    """Publishes on one channel, opened anew when it was closed."""

    def __init__(self, line: Line, begin: Begin) -> None:
        self._begin = begin
        self._alarm = line.alarm
        self._alarm.changed.append(self._alarm_changed)
        self._kept = Kept(line, self._begun, returns=True)
        self._under_way: UnderWay | None = None

    @property
    def is_open(self) -> bool:
        """There is a channel, and the broker reads what is said on it."""
        return self._under_way is not None and self._under_way.is_open and not self._alarm.reason

    def say(self, said: Saying, refused: Callable[[Confirmation], None]) -> asyncio.Future[bool]:
        """On the open channel. `refused`: called when the broker refused it or another there."""
        assert self._under_way is not None
        return self._under_way.begin(said, refused)

    async def open_and_say(self, said: Saying) -> bool:
        """As `Outlet.publish`, but ChannelAccessRefused when it or another on the channel was refused."""
        await self._kept.get()
        here = self._under_way
        assert here is not None
        if self._alarm.reason:  # it reads again, or the channel is gone: then it is told below
            await here.unless_closed(self._alarm.over())
        return await here.begin(said, Confirmation.be_refused)

    def _alarm_changed(self) -> None:
        if self._under_way is not None:
            self._under_way.wait(blocked=bool(self._alarm.reason))

    async def _begun(self, channel: AbstractChannel) -> None:
        below = await channel.get_underlay_channel()
        assert isinstance(below, Channel)
        here = UnderWay(below, Writing(below))
        channel.close_callbacks.add(here.closed)
        await self._begin(channel)
        self._under_way = here
