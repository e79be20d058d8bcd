"""`rabbitmqctl` for the broker that tests share: one call at a time, whoever runs tests on this machine.

RabbitMQ 3.10 works off definitions and new vhosts in a pool of as many workers as it has cores. Two that
came at once on two cores have waited for each other for ever, and everybody after them.
"""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = Path(tempfile.gettempdir()) / "gatefleet-tests-rabbitmqctl.lock"
WITHIN_S = 60.0


def program() -> str:
    """Where it is; the wrapper that becomes the broker's user, with its cookie."""
    return shutil.which("rabbitmqctl") or "/usr/sbin/rabbitmqctl"


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What it answered. FileNotFoundError where it is not installed, TimeoutExpired when it hung."""
    with _alone():
        return subprocess.run(
            [program(), "-q", *arguments], capture_output=True, text=True, timeout=WITHIN_S,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip


@contextmanager
def _alone() -> Iterator[None]:
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
