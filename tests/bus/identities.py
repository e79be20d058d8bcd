"""A vhost where every service is a broker user of its own, with the permissions it is meant to have."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.bus import amqp_names as names
from shared.bus.authority import WORDS

SECRET = "gatefleet-test"  # of users that exist on the test's broker only
SERVICES = tuple(sorted(WORDS))
CUSTOM = "sentry"
"""Somebody who may say custom events, and nothing else."""


def permissions(user: str, vhost: str) -> dict[str, str]:
    """Own queues, and the exchanges that everyone declares. Never the default exchange: through it
    anybody could write into any queue."""
    ours = r"gatefleet(\..*)?"
    own = rf"^({ours}|{user}\..*)$"
    return {"user": user, "vhost": vhost, "configure": own, "write": own, "read": own}


def topic_permissions(user: str, vhost: str) -> dict[str, str]:
    """Its own first words, and custom events, which anyone may say."""
    words = "|".join(sorted({*WORDS.get(user, frozenset()), "custom"}))
    return {
        "user": user, "vhost": vhost, "exchange": names.EXCHANGE, "write": rf"^({words})\.",
        "read": ".*",
    }  # fmt: skip


def make_users(vhost: str) -> None:
    """Import them all at once; a user of the same name with another password is left alone."""
    users = (*SERVICES, CUSTOM)
    known = {line.split("\t")[0] for line in _ctl("list_users").splitlines()}
    for user in known & set(users):
        if _call("authenticate_user", user, SECRET).returncode != 0:
            pytest.fail(f"the broker has a user {user} of its own; use another broker")
    definitions = {
        "users": [{"name": user, "password": SECRET, "tags": ""} for user in users],
        "permissions": [permissions(user, vhost) for user in users],
        "topic_permissions": [topic_permissions(user, vhost) for user in users],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "definitions.json"
        file.write_text(json.dumps(definitions))
        file.chmod(0o644)
        Path(folder).chmod(0o755)  # read by the broker, which is another user
        _ctl("import_definitions", str(file))


def allow(permission: Mapping[str, str]) -> None:
    """Set one topic permission."""
    _ctl("set_topic_permissions", "-p", permission["vhost"], permission["user"],
         permission["exchange"], permission["write"], permission["read"])  # fmt: skip


def _ctl(*arguments: str) -> str:
    done = _call(*arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def _call(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("rabbitmqctl") or "/usr/sbin/rabbitmqctl"
    return subprocess.run(
        [program, "-q", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
