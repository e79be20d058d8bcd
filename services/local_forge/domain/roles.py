"""Roles in a repository, and what each may do."""

from typing import Final, get_args

from sqlalchemy import func, select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.problems import Forbidden, Invalid, Unknown
from services.local_forge.tables import Account, Collaborator, Repository
from services.local_forge.tables.people import Role

ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""From least to most."""

NEEDS = "{repo}: this needs the {needed} role and {login} has {role}; ask an admin"


def permission_of(role: Role) -> str:
    """GitHub's older `permission` field, which knows four values only."""
    return {"maintain": "write", "triage": "read"}.get(role, role)


def at_least(role: Role, needed: Role) -> bool:
    """Is `role` enough where `needed` is asked for?"""
    return ROLES.index(role) >= ROLES.index(needed)


class Roles:
    """Who may do what where."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, repo: Repository, account: Account) -> Role:
        """The live role; without one of their own, everybody reads a public repository."""
        if (residents := self._context.store.residents()) is not None:
            role = residents.roles.get((repo.id, account.id))
        else:
            with self._context.store.reading() as session:
                row = session.get(Collaborator, (repo.id, account.id))
                role = None if row is None else row.role
        if role is not None:
            return role
        return "none" if repo.private else "read"

    def set(self, repo: Repository, login: str, role: str) -> None:
        """Give an account a role; `none` bars it from a private repository."""
        valid = next((known for known in ROLES if known == role), None)
        if valid is None:
            said = f"{repo.full_name}: {role!r} is no role; use one of {', '.join(ROLES)}"
            raise Invalid(said, field="role")
        with self._context.store.transaction() as session:
            account_id = session.scalar(
                select(Account.id).where(func.lower(Account.login) == login.lower())
            )
            if account_id is None:
                raise Unknown
            row = Collaborator(repository_id=repo.id, account_id=account_id, role=valid)
            session.merge(row)

    def can(self, repo: Repository, account: Account, needed: Role) -> bool:
        """Has the account at least this role now?"""
        return at_least(self.of(repo, account), needed)

    def require(self, repo: Repository, actor: Actor, needed: Role) -> None:
        """Pass, or Forbidden; Unknown where the actor may not even read."""
        role = self.of(repo, actor.account)
        if at_least(role, needed):
            return
        if repo.private and role == "none":
            raise Unknown
        said = NEEDS.format(repo=repo.full_name, needed=needed, login=actor.login, role=role)
        raise Forbidden(said)
