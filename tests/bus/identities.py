"""A vhost of the shared broker with our own definitions loaded: every service is a user of its own."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.docs.parties import built
from shared.bus import definitions as files
from shared.bus.topology import Topology, member_of, topology
from shared.bus.users import CUSTOM, OPERATOR, User

SECRET = "gatefleet-test"  # of users that exist on the test's broker only
OURS: Topology = topology(map(member_of, built()))
USERS: Mapping[str, User] = {user.name: user for user in OURS.users}
SERVICES = tuple(member.name for member in OURS.members)

__all__ = ["CUSTOM", "OPERATOR", "OURS", "SECRET", "SERVICES", "USERS", "allow", "make_users"]


def topic_permissions(user: str, vhost: str) -> dict[str, str]:
    """On the exchange that all messages go through."""
    return files.topic_permissions(USERS[user], vhost)[0]


def make_users(vhost: str, *, with_queues: bool = False) -> None:
    """Load the definitions, with every service's queues or with what all share alone; a user of the same
    name with another password is left alone."""
    known = {line.split("\t")[0] for line in _ctl("list_users").splitlines()}
    for user in known & set(USERS):
        if _call("authenticate_user", user, SECRET).returncode != 0:
            pytest.fail(f"the broker has a user {user} of its own; use another broker")
    whole = files.definitions(OURS, dict.fromkeys(USERS, SECRET), vhost=vhost)
    if not with_queues:
        shared = {place.name for place in OURS.places}
        whole["queues"] = [each for each in whole["queues"] if each["name"] in shared]
        whole["bindings"] = [each for each in whole["bindings"] if each["source"] in shared]
        whole["bindings"] = [each for each in whole["bindings"] if each["destination"] in shared]
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


def _ctl(*arguments: str) -> str:
    done = _call(*arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def _call(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("rabbitmqctl") or "/usr/sbin/rabbitmqctl"
    return subprocess.run(
        [program, "-q", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
