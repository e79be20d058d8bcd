"""Brokers on which tests may have vhosts of their own: the first one that makes them, then the next.

A broker that answers may still make no vhost (it hangs, or its disk is full), or let nobody into those
that it made: then the one after it is asked, so that no test is a matter of what was done to the broker
of this machine before.
"""

import asyncio
import subprocess
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import aio_pika
from aio_pika.exceptions import AMQPError

from tests import broker_ctl
from tests.broker_node import BrokerNode, answers
from tests.containers import RABBITMQ, Container, contained, soon

VHOSTS_AT_A_TIME = 4
NO_VHOST = "makes no vhost"
NO_ROOM = "has more than half of the files open that it may open"
DONE, FULL = "done", "full"
IF_ROOM = """
case catch [proplists:get_value(Key, file_handle_cache:info()) || Key <- [total_used, total_limit]] of
    [Used, Limit] when 2 * Used > Limit -> full;
    _ -> {then}
end"""
"""In Erlang. A quorum queue takes three files of RabbitMQ 3, and many systems let a process open 1,024:
with a few hundred queues it takes connections and says nothing. RabbitMQ 4 counts no files."""
SERVED_WITHIN_S = 30.0
"""A busy machine takes a second; a broker that hangs takes a connection and says nothing."""


def served(url: str, *, within_s: float = SERVED_WITHIN_S) -> bool:
    """Whether the broker lets somebody into this vhost, and makes a queue there."""
    with ThreadPoolExecutor(1) as elsewhere:  # pytest's own loop is left alone
        return elsewhere.submit(asyncio.run, _served(url, within_s)).result()


async def _served(url: str, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            connection = await aio_pika.connect(url)
            async with connection:
                channel = await connection.channel()
                await channel.declare_queue(exclusive=True)
    except (OSError, TimeoutError, AMQPError):
        return False
    return True


@dataclass(frozen=True)
class Broker:
    """A broker on which a test may have a vhost of its own."""

    address: str
    """HOST:PORT"""
    ctl: broker_ctl.Ctl
    end: Callable[[], object] = lambda: None

    def renew(self, *, made: Sequence[str], gone: Sequence[str]) -> str:
        """Delete vhosts, and make others, at one go: each call of its program costs most of a second.
        Why it does not, or nothing."""
        calls = [f'rabbit_vhost:delete(<<"{name}">>, <<"test">>)' for name in gone]
        calls.append(IF_ROOM.format(then=", ".join([*map(_making, made), DONE])))
        try:
            said = self.ctl("eval", ", ".join(calls) + ".")
        except (OSError, subprocess.TimeoutExpired):
            return NO_VHOST
        if said.stdout.strip() == FULL:
            return NO_ROOM
        return "" if said.returncode == 0 and said.stdout.strip() == DONE else NO_VHOST


def _making(vhost: str) -> str:
    return (
        f'rabbit_vhost:add(<<"{vhost}">>, <<"test">>), '
        f'rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"{vhost}">>, '
        '<<".*">>, <<".*">>, <<".*">>, <<"test">>)'
    )


@dataclass
class Vhosts:
    """Vhosts made some at a time, handed out one by one, and deleted when the next ones are made."""

    brokers: Iterator[Broker]
    """Each is begun when the one before it fails."""
    chosen: Callable[[broker_ctl.Ctl], None] = broker_ctl.use
    """Told whose `rabbitmqctl` tests need from then on."""
    served: Callable[[str], bool] = served
    """Asked of each vhost before a test has it."""
    _broker: Broker | None = None
    _ready: list[str] = field(default_factory=list)
    _used: list[str] = field(default_factory=list)
    _kept: list[str] = field(default_factory=list)
    _ended: ExitStack = field(default_factory=ExitStack)

    def take(self, *, kept: bool = False) -> str | None:
        """The URL of a vhost that nobody has used; None when no broker makes one.
        One for several tests is `kept` to the end."""
        while self._ready or self._more():
            assert self._broker is not None
            name = self._ready.pop()
            (self._kept if kept else self._used).append(name)
            url = f"amqp://guest:guest@{self._broker.address}/{name}"
            if self.served(url):
                return url
            self.leave("lets nobody into its vhost")
        return None

    def leave(self, why: str) -> None:
        """Go on with the next broker: this one does not do what it is there for."""
        broker, kept = self._broker, self._kept
        assert broker is not None
        warnings.warn(f"RabbitMQ at {broker.address} {why}", stacklevel=3)
        if why == NO_ROOM and kept:  # it answers, and tests are in those
            self._ended.callback(lambda: broker.renew(made=(), gone=kept))
        self._ready, self._used, self._kept = [], [], []
        self._next()

    def end(self) -> None:
        """Leave none, nor a broker that was started for them."""
        if self._broker is not None and (gone := self._ready + self._used + self._kept):
            self._broker.renew(made=(), gone=gone)
        self._ended.close()

    def _more(self) -> bool:
        fresh = [f"test-{uuid.uuid4().hex[:12]}" for _ in range(VHOSTS_AT_A_TIME)]
        if self._broker is None:
            self._next()
        while self._broker is not None and (why := self._broker.renew(made=fresh, gone=self._used)):
            self.leave(why)
        if self._broker is None:
            return False
        self._ready, self._used = fresh, []
        return True

    def _next(self) -> None:
        self._broker = next(self.brokers, None)
        if self._broker is not None:
            self._ended.callback(self._broker.end)
            self.chosen(self._broker.ctl)


def at_hand() -> Iterator[Broker]:
    """The broker on the default port; a container; a private node of an installed server."""
    for found in (_on_the_default_port, _in_a_container, _of_our_own):
        if (broker := found()) is not None:
            yield broker


def _on_the_default_port() -> Broker | None:
    return Broker("127.0.0.1:5672", broker_ctl.of_this_machine) if answers(5672) else None


def _in_a_container() -> Broker | None:
    made = contained(*RABBITMQ)
    if made is None:
        return None

    def ctl(*arguments: str, given: str = "") -> broker_ctl.Said:
        program = ("rabbitmqctl", "-q")
        return broker_ctl.called(program, *arguments, given=given, inside=made.command())

    # the port is bound before anybody behind it listens: its own word is what counts
    try:
        up = soon(lambda: _is_up(made, ctl))
    except BaseException:  # a test's time was over, or somebody has had enough
        made.remove()
        raise
    if not up:
        made.remove()
        return None
    return Broker(f"127.0.0.1:{made.port}", ctl, made.remove)


def _is_up(made: Container, ctl: broker_ctl.Ctl) -> bool:
    try:
        up = ctl("await_startup", "--timeout", "50").returncode == 0
    except subprocess.TimeoutExpired:
        return False
    return up and answers(made.port)


def _of_our_own() -> Broker | None:
    try:
        node = BrokerNode()
    except FileNotFoundError:
        return None
    try:
        node.start()
    except BaseException:
        node.remove()
        raise
    return Broker(f"127.0.0.1:{node.port}", node.call, node.remove)
