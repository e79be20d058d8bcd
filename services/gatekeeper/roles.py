"""Who counts as a person who may: live roles, machines, and the fleet's own identities.

Identity is the numeric id, never a login. A role that could not be read is not a role: whoever
needs it decides nothing and tries again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.messages.objects import Actor

WRITERS = frozenset({"write", "maintain", "admin"})
# A policy may add custom roles; it cannot let these approve, whatever it says.
NEVER = frozenset({"", "none", "read", "triage"})


@dataclass(frozen=True)
class Role:
    """The `role_name` that the forge gave for a user, just read."""

    name: str


@dataclass(frozen=True)
class Unreadable:
    """Something that decides could not be read; `cause` says why, in one line."""

    cause: str


Roles = Mapping[int, Role | Unreadable]


@dataclass(frozen=True)
class Fleet:
    """Every identity that the system owns, and the apps through which people may act."""

    user_ids: frozenset[int]
    app_ids: frozenset[int] = frozenset()
    allowed_app_ids: frozenset[int] = frozenset()


def role_of(roles: Roles, user_id: int) -> Role | Unreadable:
    """The role that was read for a user; never a default."""
    return roles.get(user_id, Unreadable(f"the role of user {user_id} was not read"))


def first_unreadable(roles: Roles, user_ids: frozenset[int]) -> Unreadable | None:
    """The cause for the lowest id whose role could not be read; None when all were."""
    for user_id in sorted(user_ids):
        if isinstance(role := role_of(roles, user_id), Unreadable):
            return role
    return None


def may_approve(role: Role | Unreadable, approve: frozenset[str]) -> bool:
    """Is this one of the roles that the policy lets approve?"""
    return isinstance(role, Role) and role.name in approve - NEVER


def is_writer(role: Role | Unreadable, approve: frozenset[str]) -> bool:
    """May this role write here: write, maintain, admin, or a custom role that may approve."""
    return isinstance(role, Role) and role.name in (WRITERS | approve) - NEVER


def is_fleet(actor: Actor | None, fleet: Fleet) -> bool:
    """Is this one of the fleet's own accounts?"""
    return actor is not None and actor.id in fleet.user_ids


def is_machine(actor: Actor, app_id: int | None, fleet: Fleet) -> bool:
    """No person acted here: a bot, the fleet, or something written through an app."""
    through_app = app_id is not None and (
        app_id in fleet.app_ids or app_id not in fleet.allowed_app_ids
    )
    bot = actor.kind != "User" or actor.login.lower().endswith("[bot]")
    return bot or actor.id in fleet.user_ids or through_app
