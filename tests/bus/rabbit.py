"""RabbitMQ from the outside: what an operator, or somebody with ill intent, would do to it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import aio_pika
from yarl import URL

from shared.bus import amqp_names as names
from shared.bus.amqp import AmqpDriver
from shared.clock import SystemClock
from shared.messages import Envelope
from tests import broker_ctl
from tests.amqp_messages import to_amqp
from tests.bus.worlds import DeadLetter, World


@dataclass(frozen=True)
class Rabbit:
    """One vhost of a broker, by URL."""

    url: str

    @property
    def vhost(self) -> str:
        """Its name."""
        return URL(self.url).path.lstrip("/") or "/"

    async def inject(
        self, envelope: Envelope, *, key: str = "", attempt: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Publish as anybody with credentials could."""
        extra: dict[str, str | int] = dict(headers or {})
        if attempt is not None:
            extra[names.H_ATTEMPT] = attempt
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            exchange = await channel.get_exchange(names.EXCHANGE, ensure=False)
            message = to_amqp(envelope, user=None, extra=dict(extra))
            await exchange.publish(message, key or envelope.topic, mandatory=True)

    async def inject_copies(self, envelope: Envelope, copies: int) -> None:
        """The same, so often at once."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            exchange = await channel.get_exchange(names.EXCHANGE, ensure=False)
            message = to_amqp(envelope, user=None, extra={})
            await asyncio.gather(
                *(exchange.publish(message, envelope.topic) for _ in range(copies))
            )

    async def parked(self) -> list[DeadLetter]:
        """Take every dead letter out of the parking queue."""
        found: list[DeadLetter] = []
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            queue = await channel.get_queue(names.DEAD, ensure=False)
            while (message := await queue.get(no_ack=True, fail=False)) is not None:
                said = message.headers
                found.append(DeadLetter(
                    str(said.get(names.H_QUEUE, "")), UUID(str(message.message_id)),
                    str(said.get(names.H_REASON, "")), str(said.get(names.H_TRACEBACK, "")),
                ))  # fmt: skip
        return found

    async def publish_raw(self, key: str, body: bytes, *, message_id: str | None) -> None:
        """Publish something that is no message of ours."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            exchange = await channel.get_exchange(names.EXCHANGE, ensure=False)
            await exchange.publish(aio_pika.Message(body, message_id=message_id), key)

    async def take_parked(self, count: int) -> list[bytes]:
        """Wait for so many dead letters, and take them."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            queue = await channel.get_queue(names.DEAD, ensure=False)
            async with queue.iterator(no_ack=True) as letters:
                return [(await anext(letters)).body for _ in range(count)]

    async def delete_queue(self, name: str) -> None:
        """As an operator might, with what is in it."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            await channel.queue_delete(name, if_unused=False, if_empty=False)

    async def declare_classic(self, name: str) -> None:
        """A queue of the kind that ours are not."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            await channel.declare_queue(name, durable=True)

    async def declare_exchange(self, name: str, kind: str) -> None:
        """Of whichever type."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            await channel.declare_exchange(name, kind, durable=True)

    async def connections(self) -> int:
        """How many are open to this vhost."""
        said = await ctl("list_connections", "vhost", "--no-table-headers")
        return said.split().count(self.vhost)

    async def cut_all(self) -> None:
        """Close every connection to this vhost, as an operator or a failing network would."""
        await ctl("close_all_connections", "--vhost", self.vhost, "cut by a test")


def world_on(rabbit: Rabbit, folder: Path) -> World:
    """Services in that vhost, all as one broker user."""
    clock = SystemClock()
    return World(
        lambda _: AmqpDriver(rabbit.url, clock, shared_identity=True), folder, clock,
        inject=rabbit.inject, parked=rabbit.parked,
    )  # fmt: skip


async def ctl(*arguments: str) -> str:
    """`rabbitmqctl`, off the event loop."""
    done = await asyncio.to_thread(broker_ctl.call, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout
