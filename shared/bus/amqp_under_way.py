"""What is being published on one channel, and what becomes of it when that is closed or says nothing."""

import asyncio
from collections.abc import Awaitable, Callable

from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import PublishError
from aiormq.channel import Channel
from aiormq.exceptions import ChannelAccessRefused

from shared.bus.amqp_line import NO_ANSWER
from shared.bus.amqp_writing import Saying, Writing
from shared.errors import TryLater

PUBLISH_TIMEOUT_S = 15.0

CLOSED = "the channel closed"


class Confirmation:
    """What the broker says of one message: what aiormq takes for the future that it keeps for that."""

    __slots__ = ("_here", "_refused", "future", "said")

    def __init__(
        self, said: Saying, here: "UnderWay", refused: Callable[["Confirmation"], None]
    ) -> None:
        self.said = said
        self.future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._here = here
        self._refused = refused

    def done(self) -> bool:
        """It has ended, or nobody waits for it."""
        return self.future.done()

    def cancelled(self) -> bool:
        """Nobody waits for it."""
        return self.future.cancelled()

    def set_result(self, _frame: object) -> None:
        """The broker has it."""
        self._here.over(self)
        if not self.future.done():
            self.future.set_result(True)

    def set_exception(self, error: BaseException) -> None:
        """It came back, was not taken, or is not known of."""
        self._here.over(self)
        if self.future.done():
            return
        if isinstance(error, PublishError):
            self.future.set_result(False)
        elif isinstance(error, ChannelAccessRefused):
            self._refused(self)
        else:
            why = NO_ANSWER if isinstance(error, TimeoutError) else repr(error)
            self.future.set_exception(TryLater(f"{self.said.key}: not confirmed: {why}"))

    def be_refused(self) -> None:
        """The broker closed the channel for it, or for another on it."""
        if not self.future.done():
            self.future.set_exception(self._here.why or ChannelAccessRefused(CLOSED))

    def follow(self, told: asyncio.Future[bool]) -> None:
        """Let what becomes of another try be what becomes of this."""

        def end(other: asyncio.Future[bool]) -> None:
            if self.future.done():
                if not other.cancelled():
                    other.exception()
            elif other.cancelled():
                self.future.cancel()
            elif (error := other.exception()) is not None:
                self.future.set_exception(error)
            else:
                self.future.set_result(other.result())

        told.add_done_callback(end)
        self.future.add_done_callback(lambda mine: told.cancel() if mine.cancelled() else None)


class UnderWay:
    """The publishes of one channel that were not answered yet.

    The client leaves those waiting who have not handed over their message when the channel closes: they
    are let go from here. Each is given its time; a broker that reads nothing (an alarm) is not one that
    is lost, so the time does not run then. One timer does for all: they end in the order they began.
    """

    def __init__(
        self, channel: Channel, writing: Writing, *, within_s: float = PUBLISH_TIMEOUT_S
    ) -> None:
        """`within_s`: the time that each is given."""
        self._channel = channel
        self._writing = writing
        self._within_s = within_s
        self._loop = asyncio.get_running_loop()
        self._pending: dict[Confirmation, float] = {}
        """By when each is answered; the oldest first."""
        self._timer: asyncio.TimerHandle | None = None
        self._blocked = False
        self._gone = asyncio.Event()
        self.why: BaseException | None = None
        """Of a channel that was closed: what for."""

    @property
    def is_open(self) -> bool:
        """Something can be published here."""
        return not self._gone.is_set() and not self._channel.is_closed

    def begin(self, said: Saying, refused: Callable[[Confirmation], None]) -> asyncio.Future[bool]:
        """True when it is confirmed, False when it came back; TryLater.

        `refused`: called instead when the broker closes the channel for something that it refuses."""
        confirmation = Confirmation(said, self, refused)
        if not self.is_open:
            confirmation.set_exception(self.why or RuntimeError(CLOSED))
            return confirmation.future
        self._pending[confirmation] = self._loop.time() + self._within_s
        if self._timer is None and not self._blocked:
            self._set_timer()
        self._writing.publish(said, confirmation)
        return confirmation.future

    def over(self, confirmation: Confirmation) -> None:
        """It was answered."""
        self._pending.pop(confirmation, None)
        self._writing.forget(confirmation.said)

    def closed(self, _channel: AbstractChannel | None, why: BaseException | None) -> None:
        """Called by the client when the channel was closed, by whomever."""
        self.why = why
        self._gone.set()
        self._stop_timer()
        for each in list(self._pending):
            each.set_exception(why or RuntimeError(CLOSED))

    def wait(self, *, blocked: bool) -> None:
        """The broker reads nothing from now on, or reads again."""
        self._blocked = blocked
        self._stop_timer()
        if not blocked and not self._gone.is_set():
            until = self._loop.time() + self._within_s
            self._pending = dict.fromkeys(self._pending, until)
            self._set_timer()

    async def unless_closed(self, something: Awaitable[None]) -> None:
        """Wait for it, but not on a channel that is closed."""
        waits = [asyncio.ensure_future(something), asyncio.ensure_future(self._gone.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def _set_timer(self) -> None:
        if self._pending:
            self._timer = self._loop.call_at(next(iter(self._pending.values())), self._times_out)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _times_out(self) -> None:
        """Of those who waited too long; the timer is set again for the oldest of the others."""
        self._timer = None
        now = self._loop.time()
        for each, until in list(self._pending.items()):
            if until > now and not each.done():
                break
            each.set_exception(TimeoutError())
        self._set_timer()
