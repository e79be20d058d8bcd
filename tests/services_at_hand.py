"""Brokers and databases that tests may use, and what happens when there is none."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator

import pytest


def missing(what: str) -> None:
    """Skip at home, naming what is missing; fail where the check is the point."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"missing: {what}")
    pytest.skip(f"missing: {what}")


@pytest.fixture
def amqp_vhost() -> Iterator[str]:
    """The URL of a vhost of this test's own."""
    url = os.environ.get("AMQP_URL", "")
    if url:
        yield url
        return
    ctl = shutil.which("rabbitmqctl") or "/usr/sbin/rabbitmqctl"
    name = f"test-{uuid.uuid4().hex[:12]}"
    made = _ctl(ctl, "add_vhost", name)
    if made is None or made.returncode != 0:
        missing("RabbitMQ (set AMQP_URL, or start rabbitmq-server on this machine)")
    _ctl(ctl, "set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    yield f"amqp://guest:guest@127.0.0.1:5672/{name}"
    _ctl(ctl, "delete_vhost", name)


def _ctl(ctl: str, *args: str) -> subprocess.CompletedProcess[bytes] | None:
    try:
        return subprocess.run([ctl, "-q", *args], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
