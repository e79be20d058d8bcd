"""Brokers and databases that tests may use, in this order, and what happens when there is none.

RabbitMQ: `AMQP_URL`; the broker on the default port; a container; a private node of an installed
server. PostgreSQL: `DATABASE_URL`; the server on the default port; a container.
"""

import os
from collections.abc import Iterator

import psycopg
import pytest

from tests.brokers import Vhosts, at_hand
from tests.containers import POSTGRESQL, called, contained, soon

LOCAL_DATABASE = "postgresql://postgres@127.0.0.1/test"
NO_BROKER = "RabbitMQ (set AMQP_URL, start rabbitmq-server or Docker, or install rabbitmq-server)"
NO_NODE = "rabbitmq-server (install it: this test stops and starves a node of its own)"
NO_DATABASE = "PostgreSQL at {at} (set DATABASE_URL, or start PostgreSQL or Docker)"


def missing(what: str) -> None:
    """Skip at home, naming what is missing; fail where the check is the point."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"missing: {what}")
    pytest.skip(f"missing: {what}")


@pytest.fixture(scope="session")
def vhosts() -> Iterator[Vhosts]:
    """Those of this process's tests."""
    made = Vhosts(at_hand())
    yield made
    made.end()


@pytest.fixture
def amqp_vhost(request: pytest.FixtureRequest) -> str:
    """The URL of a vhost of this test's own."""
    return vhost_for(request)


def vhost_for(request: pytest.FixtureRequest, *, kept: bool = False) -> str:
    """Of whoever asks; `kept` to the end where it is for several tests."""
    if url := os.environ.get("AMQP_URL", ""):
        return url
    there: Vhosts = request.getfixturevalue("vhosts")
    made = there.take(kept=kept)
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
        up = soon(lambda: called(ready) is not None and _serves(url))
        assert up, f"{made.name}: PostgreSQL did not start"
        yield url
    finally:
        made.remove()


def _serves(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
