"""Somebody who has a user's credentials, and nothing of ours that would hold them back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import DeliveryError
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed

from shared.bus import amqp_names as names
from shared.messages import Envelope
from shared.messages.examples import example
from tests.amqp_messages import to_amqp
from tests.bus.identities import url_of
from tests.bus.worlds import sealed

TAKEN, REFUSED, FORGED = "taken", "403", "406"


def forged(topic: str) -> Envelope:
    """A message of that topic, as it would be if it were true."""
    real = topic.replace("#", "forged.v1")
    return sealed(example(topic), topic=real)


class Intruder:
    """One connection as one user; a channel that the broker closed is replaced."""

    def __init__(self, connection: AbstractConnection, user: str) -> None:
        self._connection = connection
        self._channel: AbstractChannel | None = None
        self.user = user

    async def says(
        self, envelope: Envelope, *, key: str = "", exchange: str = names.EXCHANGE,
        user_id: str | None = None, headers: dict[str, str | int] | None = None,
    ) -> str:  # fmt: skip
        """What the broker answers. `user_id`: whom it claims to be; empty: it claims nothing."""
        claimed = self.user if user_id is None else user_id
        message = to_amqp(envelope, user=claimed or None, extra=dict(headers or {}))

        async def publish(channel: AbstractChannel) -> None:
            there = await channel.get_exchange(exchange, ensure=False)
            await there.publish(message, key or envelope.topic)

        return await self.tries(publish)

    async def tries(self, what: Callable[[AbstractChannel], Awaitable[Any]]) -> str:
        """What the broker answers to anything else."""
        try:
            await what(await self._open())
        except ChannelAccessRefused:
            return REFUSED
        except ChannelPreconditionFailed:
            return FORGED
        except DeliveryError:
            return TAKEN  # it was allowed, and nobody is bound
        return TAKEN

    async def _open(self) -> AbstractChannel:
        if self._channel is None or self._channel.is_closed:
            self._channel = await self._connection.channel(
                publisher_confirms=True, on_return_raises=True
            )
        return self._channel


@asynccontextmanager
async def intruders(url: str, *users: str) -> AsyncIterator[list[Intruder]]:
    """Connected, each with a user's own name and password."""
    async with AsyncExitStack() as stack:
        found = []
        for user in users:
            connection = await stack.enter_async_context(await aio_pika.connect(url_of(url, user)))
            found.append(Intruder(connection, user))
        yield found
