"""A vhost of the shared broker with our own definitions loaded: every service is a user of its own."""

import json
import os
import subprocess
import tempfile
import uuid
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from yarl import URL

from services.docs.parties import built
from shared.bus import definitions as files
from shared.bus.topology import Topology, member_of, topology
from shared.bus.users import CUSTOM, OPERATOR, User
from tests import broker_ctl
from tests.services_at_hand import missing

SECRET = "gatefleet-test"  # of users that exist on the test's broker only
OURS: Topology = topology(map(member_of, built()))
USERS: Mapping[str, User] = {user.name: user for user in OURS.users}
SERVICES = tuple(member.name for member in OURS.members)

__all__ = ["CUSTOM", "OPERATOR", "OURS", "SECRET", "SERVICES", "USERS", "allow", "defined_vhost",
           "make_users", "topic_permissions", "url_of"]  # fmt: skip


@contextmanager
def defined_vhost() -> Iterator[str]:
    """The URL of a vhost that has loaded all of it; for several tests, which change nothing there."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    _ctl("add_vhost", name)
    try:
        make_users(name, with_queues=True)
        base = URL(os.environ.get("AMQP_URL") or "amqp://guest:guest@127.0.0.1:5672/")
        yield str(base.with_path(f"/{name}"))
    finally:
        _ctl("delete_vhost", name)


def url_of(url: str, user: str) -> str:
    """The same vhost as this user."""
    return str(URL(url).with_user(user).with_password(SECRET))


def topic_permissions(user: str, vhost: str) -> dict[str, str]:
    """On the exchange that all messages go through."""
    return files.topic_permissions(USERS[user], vhost)[0]


def make_users(vhost: str, *, with_queues: bool = False) -> None:
    """Load the definitions, with every service's queues or with what all share alone; a user of the same
    name with another password is left alone."""
    for user in json.loads(_ctl("export_definitions", "-", "--format", "json"))["users"]:
        if user["name"] in USERS and not _has_our_password(user):
            pytest.fail(f"the broker has a user {user['name']} of its own; use another broker")
    loaded = OURS if with_queues else replace(OURS, members=())
    whole = files.definitions(loaded, dict.fromkeys(USERS, SECRET), vhost=vhost)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "definitions.json"
        file.write_text(json.dumps(whole))
        file.chmod(0o644)
        Path(folder).chmod(0o755)  # read by the broker, which is another user
        _ctl("import_definitions", str(file))


def allow(permission: Mapping[str, str]) -> None:
    """Set one topic permission."""
    _ctl("set_topic_permissions", "-p", permission["vhost"], permission["user"],
         permission["exchange"], permission["write"], permission["read"])  # fmt: skip


def _has_our_password(user: Mapping[str, str]) -> bool:
    """However it was salted: four bytes, then the digest."""
    kept = b64decode(user["password_hash"])
    return sha256(kept[:4] + SECRET.encode()).digest() == kept[4:]


def _ctl(*arguments: str) -> str:
    done = _call(*arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def _call(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return broker_ctl.call(*arguments)
    except FileNotFoundError:
        missing("rabbitmqctl (install rabbitmq-server)")
        raise
