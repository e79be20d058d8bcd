"""A definitions file of RabbitMQ: everything of a topology, and every user with what it may do.

Loaded before anybody starts, nothing that is said before a service's first start is unheard.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from shared.bus import amqp_names as names
from shared.bus.topology import Topology
from shared.bus.users import User

HASHING = "rabbit_password_hashing_sha256"
_SALT_BYTES = 4
_LASTS: dict[str, Any] = {"durable": True, "auto_delete": False}


def definitions(of: Topology, passwords: Mapping[str, str], *, vhost: str = "/") -> dict[str, Any]:
    """As JSON has it; the same for the same passwords, which are needed by the names of the users."""
    queues = [(each.name, each.queue) for each in of.places if each.queue is not None]
    queues += [(each.name, names.queue_arguments(each)) for each in of.lasting]
    return {
        "vhosts": [{"name": vhost}],
        "users": [_user(each, passwords[each.name]) for each in of.users],
        "permissions": [permission(each, vhost) for each in of.users],
        "topic_permissions": [
            right for each in of.users for right in topic_permissions(each, vhost)
        ],
        "exchanges": [
            {
                "name": each.name, "vhost": vhost, "type": each.kind, **_LASTS,
                "internal": False, "arguments": {},
            }
            for each in of.places
        ],
        "queues": [
            {"name": name, "vhost": vhost, **_LASTS, "arguments": arguments}
            for name, arguments in queues
        ],
        "bindings": [
            {
                "source": each.exchange, "vhost": vhost, "destination": each.queue,
                "destination_type": "queue", "routing_key": each.key, "arguments": {},
            }
            for each in of.bindings
        ],
    }  # fmt: skip


def permission(of: User, vhost: str) -> dict[str, str]:
    """What a user may do with exchanges and queues of a vhost, as definitions have it."""
    return {
        "user": of.name, "vhost": vhost,
        "configure": of.configure, "write": of.write, "read": of.read,
    }  # fmt: skip


def topic_permissions(of: User, vhost: str) -> list[dict[str, str]]:
    """Which routing keys it may use, one for each topic exchange."""
    return [
        {
            "user": of.name, "vhost": vhost,
            "exchange": right.exchange, "write": right.write, "read": right.read,
        }
        for right in of.topics
    ]  # fmt: skip


def password_hash(user: str, password: str) -> str:
    """Salted SHA-256 as RabbitMQ keeps it, in base64.

    The salt comes from the password and the user, so that the same passwords make the same file; two
    users of one password still have two hashes.
    """
    salt = hmac.digest(password.encode(), user.encode(), "sha256")[:_SALT_BYTES]
    return b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _user(of: User, password: str) -> dict[str, Any]:
    return {
        "name": of.name, "password_hash": password_hash(of.name, password),
        "hashing_algorithm": HASHING, "tags": list(of.tags), "limits": {},
    }  # fmt: skip
