"""One connection to RabbitMQ that is opened again whenever it is asked for and is not open.

On aio-pika's plain connections: its robust ones reopen by themselves, in tasks that nobody waits for
and into states that nobody sees (docs/decisions/0008). Here whoever needs a channel asks for it, and
opens it, or is told to try later.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog
from aio_pika import Connection
from aio_pika.abc import AbstractChannel, AbstractConnection, HeadersType
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from aiormq.exceptions import InvalidFrameError, ProbableAuthenticationError
from yarl import URL

from shared.bus.amqp_alarm import Alarm
from shared.clock import Clock
from shared.errors import BadInput, TryLater

log = structlog.get_logger()

OPEN_S = 10.0
"""For a connection or a channel to be opened: a broker that says nothing is as good as none."""
CLOSE_S = 2.0
BETWEEN_TRIES_S = 1.0
WAIT_FOR_BROKER_S = 2.0
MOST_CHANNELS = 2000
"""Of one connection in its life; RabbitMQ allows 2047 numbers unless told otherwise."""

NO_LINE = "broker {at}: no connection to {purpose} by: {error}"
NO_ANSWER = "no answer in time"
SILENT = (
    "no answer within {seconds:g} s: it is out of reach, or has no files left that it may open "
    "(`rabbitmqctl status` there says so)"
)
NOT_LET_IN = (
    "broker {host}{vhost}: it does not let {user} in ({error}); check user, password and vhost"
)


@contextmanager
def outage(
    what: str, *, but: tuple[type[Exception], ...] = (), silent: str = NO_ANSWER
) -> Iterator[None]:
    """TryLater for whatever the client raises when the other side goes away in the middle.

    `but`: what is left as it is, because it says more than that. `silent`: why, of one that says nothing.
    """
    try:
        yield
    except but:
        raise
    except TimeoutError:
        raise TryLater(f"{what}: {silent}") from None
    except CONNECTION_EXCEPTIONS as error:
        raise TryLater(f"{what}: {error!r}") from None
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # the client cancels what waits for an answer when its connection closes: nobody stopped us
        raise TryLater(f"{what}: the connection closed") from None


class Line:
    """One connection of a service, and what it is for. Asked by several, opened by one at a time."""

    def __init__(
        self, url: URL, clock: Clock, *, service: str, purpose: str, within_s: float = OPEN_S
    ) -> None:
        """`within_s`: how long a broker may take to let it in."""
        self._url = url
        self._within_s = within_s
        self._clock = clock
        self._service = service
        self._purpose = purpose
        self._lock = asyncio.Lock()
        self._connection: AbstractConnection | None = None
        self._number = 0
        self._was_open = False
        self._again_at = 0.0
        self._absent: TryLater | None = None
        self.alarm = Alarm(service=service, at=f"{url.host}:{url.port}")

    async def reach(self) -> None:
        """Open it, waiting for an absent broker with a line that says so; BadInput when not let in."""
        while True:
            try:
                async with self._lock:
                    await self._open()
                return
            except TryLater as error:
                log.warning("broker_absent", service=self._service,
                            at=f"{self._url.host}:{self._url.port}", error=str(error),
                            next=f"again in {WAIT_FOR_BROKER_S:g} s")  # fmt: skip
            await self._clock.sleep(WAIT_FOR_BROKER_S)

    async def open(self) -> None:
        """Open it now; TryLater when the broker is absent, BadInput when it lets nobody in."""
        async with self._lock:
            await self._open()

    async def channel(self, *, returns: bool = False) -> AbstractChannel:
        """A new channel with confirms; TryLater when there is none to be had now.

        `returns`: a publish raises when its message comes back.
        """
        async with self._lock:
            try:
                connection = await self._opened()
            except BadInput as error:  # it was let in before: somebody may be mending its user
                raise TryLater(str(error)) from None
            # numbers are not used twice: what is still on its way to a channel that was closed would
            # reach the new one, and the broker answers that by closing the connection
            self._number += 1
            try:
                with outage("channel not opened"):
                    async with asyncio.timeout(OPEN_S):
                        channel = connection.channel(
                            self._number, publisher_confirms=True, on_return_raises=returns
                        )
                        await channel.initialize()
                        return channel
            except TryLater:  # not when the caller was stopped: others live on this connection
                await self._drop()
                raise

    async def trouble(self) -> str:
        """Why there is no connection, in one line; empty: there is one. A lost one is opened first."""
        try:
            async with self._lock:
                if self._connection is None or not self._connection.connected.is_set():
                    await self._opened()
        except (TryLater, BadInput) as error:
            return NO_LINE.format(
                at=f"{self._url.host}:{self._url.port}", purpose=self._purpose, error=error
            )
        return ""

    async def close(self) -> None:
        """Close the connection; asked again, it would be opened again."""
        async with self._lock:
            await self._drop()

    async def _opened(self) -> AbstractConnection:
        """The open connection; a lost one is replaced, but not more often than once in a while."""
        connection = self._connection
        if connection is not None and connection.connected.is_set():
            if self._number < MOST_CHANNELS:
                return connection
            await self._drop()
        if self._absent is not None and self._clock.monotonic() < self._again_at:
            raise TryLater(str(self._absent))
        return await self._open()

    async def _open(self) -> AbstractConnection:
        await self._drop()
        try:
            self._connection = await self._dial()
        except TryLater as error:
            self._absent = error
            self._again_at = self._clock.monotonic() + BETWEEN_TRIES_S
            raise
        self._absent = None
        self._number = 0
        if self._was_open:
            log.info("broker_back", service=self._service, purpose=self._purpose)
        self._was_open = True
        return self._connection

    async def _dial(self) -> AbstractConnection:
        name: HeadersType = {"connection_name": f"{self._service} ({self._purpose})"}
        connection = Connection(self._url, client_properties=name)
        try:
            with outage("not connected", silent=SILENT.format(seconds=self._within_s)):
                async with asyncio.timeout(self._within_s):
                    try:
                        await connection.connect()
                        self.alarm.listen(connection)
                    except (ProbableAuthenticationError, InvalidFrameError) as error:
                        # the second is how aiormq puts it that the broker closed instead of
                        # opening a vhost
                        raise BadInput(NOT_LET_IN.format(
                            host=self._url.host, vhost=self._url.path, user=self._url.user,
                            error=error,
                        )) from None  # fmt: skip
        except BaseException:
            await connection.close()  # else its finaliser does, whenever that may be
            raise
        return connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        self.alarm.forget()
        try:
            with outage("not closed"):
                async with asyncio.timeout(CLOSE_S):
                    await connection.close()
        except TryLater as error:
            log.info("connection_gone", service=self._service, purpose=self._purpose,
                     error=str(error), next="nothing")  # fmt: skip


class Kept:
    """One channel of a line for one purpose, opened when it is asked for and is not open."""

    def __init__(
        self, line: Line, begin: Callable[[AbstractChannel], Awaitable[None]], *,
        returns: bool = False,
    ) -> None:  # fmt: skip
        """`begin`: what is done on each new channel before anybody else has it."""
        self._line = line
        self._begin = begin
        self._returns = returns
        self._lock = asyncio.Lock()
        self._channel: AbstractChannel | None = None

    async def get(self) -> AbstractChannel:
        """The open channel; TryLater when there is none to be had now."""
        if self._channel is not None and not self._channel.is_closed:
            return self._channel
        async with self._lock:
            if self._channel is None or self._channel.is_closed:
                self._channel = None
                channel = await self._line.channel(returns=self._returns)
                try:
                    with outage("channel not begun"):
                        async with asyncio.timeout(OPEN_S):
                            await self._begin(channel)
                except BaseException:
                    await hang_up(channel)
                    raise
                self._channel = channel
            return self._channel


async def hang_up(channel: AbstractChannel) -> None:
    """Close a channel that may be closed already."""
    try:
        with outage("not closed"):
            async with asyncio.timeout(CLOSE_S):
                await channel.close()
    except TryLater as error:
        log.info("channel_gone", error=str(error), next="nothing")
