"""Brokers and databases that tests may use, in this order, and what happens when there is none.

RabbitMQ: `AMQP_URL`; the broker on the default port; a container; a private node of an installed
server. PostgreSQL: `DATABASE_URL`; the server on the default port; a container.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest

from tests.broker_node import BrokerNode, answers
from tests.containers import POSTGRESQL, RABBITMQ, Container, called, contained

LOCAL_DATABASE = "postgresql://postgres@127.0.0.1/test"
LOOKS = 600
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

    def make(self, vhost: str) -> str | None:
        """The URL of a new vhost."""
        if self.ctl("add_vhost", vhost) is None:
            return None
        self.ctl("set_permissions", "-p", vhost, "guest", ".*", ".*", ".*")
        return f"amqp://guest:guest@{self.address}/{vhost}"


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """The first of those that there are; what was started for it is ended with the tests."""
    found = _on_the_default_port() or _in_a_container() or _of_our_own()
    if found is None:
        missing(NO_BROKER)
        raise AssertionError("unreachable: it was skipped or failed")
    yield found
    found.end()


@pytest.fixture
def amqp_vhost(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a vhost of this test's own."""
    if url := os.environ.get("AMQP_URL", ""):
        yield url
        return
    there: Broker = request.getfixturevalue("broker")
    name = f"test-{uuid.uuid4().hex[:12]}"
    made = there.make(name)
    if made is None:
        missing(NO_BROKER)
    else:
        yield made
        there.ctl("delete_vhost", name)


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
    program = shutil.which("rabbitmqctl") or "/usr/sbin/rabbitmqctl"  # with the server's own cookie
    if not answers(5672):
        return None
    return Broker("127.0.0.1:5672", lambda *said: called([program, "-q", *said]))


def _in_a_container() -> Broker | None:
    made = contained(*RABBITMQ)
    if made is None:
        return None
    # the port is bound before anybody behind it listens: its own word is what counts
    if not _soon(lambda: _is_up(made)):
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
