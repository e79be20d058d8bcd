"""A client of the broker that is no service: people's commands, a feed, a benchmark.

It declares nothing that is shared, so it needs no permission to: it publishes to the exchange that is
there, and every queue that it makes is its own, `tail.USER.…`, and goes with it.

    async with visitor(url, clock, purpose="publish") as here:
        heard = await here.publish(envelope)
        async with here.feed(("gate.#",)) as feed:
            batch = await feed.take()
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import AMQPConnectionError
from aiormq.exceptions import ChannelNotFoundEntity
from yarl import URL

from shared.bus import amqp_names as names
from shared.bus.amqp_feed import PREFETCH, Feed
from shared.bus.amqp_line import Line
from shared.bus.amqp_outlet import Outlet
from shared.bus.amqp_wire import saying
from shared.clock import Clock
from shared.errors import BadInput, Refused, TryLater
from shared.messages import Envelope
from shared.store.outbox import LARGEST_BODY

GUEST = "guest"
"""Whom the broker takes one for who names no user."""
SCHEMES = frozenset({"amqp", "amqps"})
NOT_A_BROKER = "--bus: {url}: name a broker as amqp://USER:PASSWORD@HOST:PORT/VHOST"
ABSENT = "broker {host}:{port}: does not answer ({why}); start it, or name another with --bus"
NO_EXCHANGE = (
    "broker {host}{vhost}: nobody has declared the exchange {exchange} there; start the fleet on it "
    "with `gatefleet run SERVICE`, or name another vhost"
)
TOO_LARGE = "{topic}: {size:,} bytes are over the limit of {limit:,} of one message; send less"


def fresh() -> UUID:
    """An id that nobody else has."""
    return uuid4()


def broker(url: str) -> URL:
    """A broker's address. BadInput when it is none."""
    try:
        parsed = URL(url)
    except ValueError:
        parsed = URL()
    if parsed.scheme not in SCHEMES or not parsed.host:
        raise BadInput(NOT_A_BROKER.format(url=_shown(url)))
    return parsed


@asynccontextmanager
async def visitor(url: str, clock: Clock, *, purpose: str) -> AsyncIterator["Visitor"]:
    """Connected, and at the end not any more. BadInput when it is not let in, TryLater when absent."""
    here = Visitor(url, clock, purpose=purpose)
    await here.open()
    try:
        yield here
    finally:
        await here.close()


class Visitor:
    """One connection to RabbitMQ, as whoever the URL names."""

    def __init__(self, url: str, clock: Clock, *, purpose: str) -> None:
        """`purpose`: for whoever looks at the broker's connections. BadInput for no broker's URL."""
        self._url = broker(url)
        self._clock = clock
        self.line = Line(self._url, clock, service="gatefleet", purpose=purpose)
        self._outlet = Outlet(self.line, self._look, user=self.user)

    @property
    def user(self) -> str:
        """The broker's user that this is."""
        return self._url.user or GUEST

    async def open(self) -> None:
        """Connect, once."""
        try:
            await self.line.open()
        except TryLater as error:
            cause = error.__context__
            why = (
                type(cause).__name__ if isinstance(cause, AMQPConnectionError | OSError) else error
            )
            raise TryLater(ABSENT.format(
                host=self._url.host, port=self._url.port or 5672, why=why
            )) from None  # fmt: skip

    async def pause(self, seconds: float) -> None:
        """Wait before something is tried again."""
        await self._clock.sleep(seconds)

    async def publish(self, envelope: Envelope) -> bool:
        """Persistent, confirmed, mandatory and as this user; False when nobody is bound to its topic.

        Refused when the broker does not let this user say it, TryLater when it was not confirmed.
        """
        size = len(envelope.body)
        if size > LARGEST_BODY:
            raise Refused(TOO_LARGE.format(topic=envelope.topic, size=size, limit=LARGEST_BODY))
        said = saying(envelope, names.EXCHANGE, envelope.topic, user=self.user)
        return await self._outlet.publish(said)

    def feed(
        self, patterns: Sequence[str], *, prefetch: int = PREFETCH,
        tell: Callable[[str], None] = lambda _: None,
    ) -> Feed:  # fmt: skip
        """What is said on topics of these patterns from now on; `tell` hears of outages."""
        name = f"tail.{self.user}.{fresh().hex[:12]}"
        return Feed(
            self.line, self._clock, name=name, patterns=tuple(patterns), prefetch=prefetch,
            tell=tell,
        )  # fmt: skip

    async def close(self) -> None:
        """Hang up."""
        await self.line.close()

    async def _look(self, channel: AbstractChannel) -> None:
        """Look for the exchange before the first publish: to one that is missing it closes all."""
        try:
            await channel.get_exchange(names.EXCHANGE, ensure=True)
        except ChannelNotFoundEntity:
            raise Refused(NO_EXCHANGE.format(
                host=self._url.host, vhost=self._url.path, exchange=names.EXCHANGE
            )) from None  # fmt: skip


def _shown(url: str) -> str:
    """Without what may be a password: everything before the last `@`."""
    return f"…@{url.rpartition('@')[2]}" if "@" in url else url
