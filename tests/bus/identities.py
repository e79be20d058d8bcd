"""A vhost of the shared broker with our own definitions loaded: every service is a user of its own."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

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

__all__ = ["CUSTOM", "OPERATOR", "OURS", "SECRET", "SERVICES", "USERS", "allow", "make_users",
           "topic_permissions", "url_of"]  # fmt: skip


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
    _ctl("import_definitions", given=json.dumps(whole))


def allow(permission: Mapping[str, str]) -> None:
    """Set one topic permission."""
    _ctl("set_topic_permissions", "-p", permission["vhost"], permission["user"],
         permission["exchange"], permission["write"], permission["read"])  # fmt: skip


def _has_our_password(user: Mapping[str, str]) -> bool:
    """However it was salted: four bytes, then the digest."""
    kept = b64decode(user["password_hash"])
    return sha256(kept[:4] + SECRET.encode()).digest() == kept[4:]


def _ctl(*arguments: str, given: str = "") -> str:
    done = _call(*arguments, given=given)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def _call(*arguments: str, given: str) -> broker_ctl.Said:
    try:
        return broker_ctl.call(*arguments, given=given)
    except FileNotFoundError:
        missing("rabbitmqctl (install rabbitmq-server)")
        raise
