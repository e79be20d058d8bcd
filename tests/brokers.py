"""Brokers on which tests may have vhosts of their own: the first one that makes them, then the next.

A broker that answers may still make no vhost (it hangs, or its disk is full): then the one after it is
asked, so that no test is a matter of what was done to the machine's broker before.
"""

import subprocess
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests import broker_ctl
from tests.broker_node import BrokerNode, answers
from tests.containers import RABBITMQ, Container, contained, soon

VHOSTS_AT_A_TIME = 8


@dataclass(frozen=True)
class Broker:
    """A broker on which a test may have a vhost of its own."""

    address: str
    """HOST:PORT"""
    ctl: broker_ctl.Ctl
    end: Callable[[], object] = lambda: None

    def renew(self, *, made: Sequence[str], gone: Sequence[str]) -> bool:
        """Make vhosts, and delete others, at one go: each call of its program costs most of a second."""
        calls = [f'rabbit_vhost:delete(<<"{name}">>, <<"test">>)' for name in gone]
        for name in made:
            calls.append(f'rabbit_vhost:add(<<"{name}">>, <<"test">>)')
            calls.append(
                f'rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"{name}">>, '
                '<<".*">>, <<".*">>, <<".*">>, <<"test">>)'
            )
        try:
            return self.ctl("eval", ", ".join(calls) + ".").returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            return False


@dataclass
class Vhosts:
    """Vhosts made some at a time, handed out one by one, and deleted when the next ones are made."""

    brokers: Iterator[Broker]
    """Each is begun when the one before it fails."""
    chosen: Callable[[broker_ctl.Ctl], None] = broker_ctl.use
    """Told whose `rabbitmqctl` tests need from then on."""
    _broker: Broker | None = None
    _ready: list[str] = field(default_factory=list)
    _used: list[str] = field(default_factory=list)
    _kept: list[str] = field(default_factory=list)
    _ended: ExitStack = field(default_factory=ExitStack)

    def take(self, *, kept: bool = False) -> str | None:
        """The URL of a vhost that nobody has used; None when no broker makes one.
        One for several tests is `kept` to the end."""
        if not self._ready and not self._more():
            return None
        assert self._broker is not None
        name = self._ready.pop()
        (self._kept if kept else self._used).append(name)
        return f"amqp://guest:guest@{self._broker.address}/{name}"

    def end(self) -> None:
        """Leave none, nor a broker that was started for them."""
        if self._broker is not None and (gone := self._ready + self._used + self._kept):
            self._broker.renew(made=(), gone=gone)
        self._ended.close()

    def _more(self) -> bool:
        fresh = [f"test-{uuid.uuid4().hex[:12]}" for _ in range(VHOSTS_AT_A_TIME)]
        while self._broker is None or not self._broker.renew(made=fresh, gone=self._used):
            if self._broker is not None:
                warnings.warn(f"RabbitMQ at {self._broker.address} makes no vhost", stacklevel=3)
            self._broker, self._used, self._kept = next(self.brokers, None), [], []
            if self._broker is None:
                return False
            self._ended.callback(self._broker.end)
            self.chosen(self._broker.ctl)
        self._ready, self._used = fresh, []
        return True


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
    program = made.command("rabbitmqctl", "-q")

    def ctl(*arguments: str, given: str = "") -> broker_ctl.Said:
        return broker_ctl.called(program, *arguments, given=given)

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
