"""Brokers and databases that tests may use, in this order, and what happens when there is none.

RabbitMQ: `AMQP_URL`; the broker on the default port; a container; a private node of an installed
server. PostgreSQL: `DATABASE_URL`; the server on the default port; a container.
"""

import os
import subprocess
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import psycopg
import pytest

from tests import broker_ctl
from tests.broker_node import BrokerNode, answers
from tests.containers import POSTGRESQL, RABBITMQ, Container, called, contained

LOCAL_DATABASE = "postgresql://postgres@127.0.0.1/test"
LOOKS = 100
VHOSTS_AT_A_TIME = 8
NO_BROKER = "RabbitMQ (set AMQP_URL, start rabbitmq-server or Docker, or install rabbitmq-server)"
NO_NODE = "rabbitmq-server (install it: this test stops and starves a node of its own)"
NO_DATABASE = "PostgreSQL at {at} (set DATABASE_URL, or start PostgreSQL or Docker)"


def missing(what: str) -> None:
    """Skip at home, naming what is missing; fail where the check is the point."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"missing: {what}")
    pytest.skip(f"missing: {what}")


@dataclass(frozen=True)
class Broker:
    """A broker on which a test may have a vhost of its own."""

    address: str
    """HOST:PORT"""
    ctl: Callable[..., str | None]
    """`rabbitmqctl` for it; None when it failed."""
    end: Callable[[], None] = lambda: None

    def renew(self, *, made: Sequence[str], gone: Sequence[str]) -> bool:
        """Make vhosts, and delete others, at one go: each call of its program costs most of a second."""
        calls = [f'rabbit_vhost:delete(<<"{name}">>, <<"test">>)' for name in gone]
        for name in made:
            calls.append(f'rabbit_vhost:add(<<"{name}">>, <<"test">>)')
            calls.append(
                f'rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"{name}">>, '
                '<<".*">>, <<".*">>, <<".*">>, <<"test">>)'
            )
        return self.ctl("eval", ", ".join(calls) + ".") is not None


@dataclass
class Vhosts:
    """Vhosts made some at a time, handed out one by one, and deleted when the next ones are made."""

    broker: Broker
    _ready: list[str] = field(default_factory=list)
    _used: list[str] = field(default_factory=list)

    def take(self) -> str | None:
        """The URL of a vhost that nobody has used; None when it cannot be made."""
        if not self._ready:
            fresh = [f"test-{uuid.uuid4().hex[:12]}" for _ in range(VHOSTS_AT_A_TIME)]
            if not self.broker.renew(made=fresh, gone=self._used):
                return None
            self._ready, self._used = fresh, []
        name = self._ready.pop()
        self._used.append(name)
        return f"amqp://guest:guest@{self.broker.address}/{name}"

    def end(self) -> None:
        """Leave none."""
        if gone := self._ready + self._used:
            self.broker.renew(made=(), gone=gone)


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """The first of those that there are; what was started for it is ended with the tests."""
    found = _on_the_default_port() or _in_a_container() or _of_our_own()
    if found is None:
        missing(NO_BROKER)
        raise AssertionError("unreachable: it was skipped or failed")
    yield found
    found.end()


@pytest.fixture(scope="session")
def vhosts(broker: Broker) -> Iterator[Vhosts]:
    """Those of this process's tests."""
    made = Vhosts(broker)
    yield made
    made.end()


@pytest.fixture
def amqp_vhost(request: pytest.FixtureRequest) -> str:
    """The URL of a vhost of this test's own."""
    if url := os.environ.get("AMQP_URL", ""):
        return url
    there: Vhosts = request.getfixturevalue("vhosts")
    made = there.take()
    if made is None:
        missing(NO_BROKER)
        raise AssertionError("unreachable: it was skipped or failed")
    return made


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL database in which tests make schemas."""
    url = os.environ.get("DATABASE_URL", LOCAL_DATABASE)
    if _serves(url):
        yield url
        return
    made = None
    if "DATABASE_URL" not in os.environ:
        image, port = POSTGRESQL
        made = contained(image, port, POSTGRES_HOST_AUTH_METHOD="trust", POSTGRES_DB="test")
    if made is None:
        missing(NO_DATABASE.format(at=url.rpartition("@")[2]))
        raise AssertionError("unreachable: it was skipped or failed")
    url = f"postgresql://postgres@127.0.0.1:{made.port}/test"
    ready = made.command("pg_isready", "--host=127.0.0.1", "--timeout=1")
    try:
        up = _soon(lambda: called(ready) is not None and _serves(url))
        assert up, f"{made.name}: PostgreSQL did not start"
        yield url
    finally:
        made.remove()


def _on_the_default_port() -> Broker | None:
    return Broker("127.0.0.1:5672", _ctl) if answers(5672) else None


def _ctl(*said: str) -> str | None:
    try:
        done = broker_ctl.call(*said)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _in_a_container() -> Broker | None:
    made = contained(*RABBITMQ)
    if made is None:
        return None
    # the port is bound before anybody behind it listens: its own word is what counts
    try:
        up = _soon(lambda: _is_up(made))
    except BaseException:  # a test's time was over, or somebody has had enough
        made.remove()
        raise
    if not up:
        made.remove()
        return None
    ctl = made.command("rabbitmqctl", "-q")
    return Broker(f"127.0.0.1:{made.port}", lambda *said: called([*ctl, *said]), made.remove)


def _is_up(made: Container) -> bool:
    up = called(made.command("rabbitmqctl", "-q", "await_startup", "--timeout", "60"), within_s=90)
    return up is not None and answers(made.port)


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
    return Broker(f"127.0.0.1:{node.port}", node.ctl, node.remove)


def _serves(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _soon(there: Callable[[], bool]) -> bool:
    """Each look takes its own time."""
    return any(there() for _ in range(LOOKS))
