"""The few rows that nearly every request needs, kept in memory: who exists, and who may do what.

This process is the only writer, so they are true until one of its own transactions changes a row of
these tables; the store then drops them whole and reads them again when they are next asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.local_forge.tables import (
    Account,
    App,
    Base,
    BrowserSession,
    Collaborator,
    Delivery,
    Hook,
    LoginLink,
    Repository,
    Token,
)
from services.local_forge.tables.people import Role

KEPT: tuple[type[Base], ...] = (Account, App, Collaborator, Hook, Repository, Token)
"""A change to one of these makes what is in memory old."""

QUIET: tuple[type[Base], ...] = (BrowserSession, Delivery, LoginLink)
"""A change to these alone leaves every answer of REST as it was, but for the log of deliveries."""

_MOST_SHARED = 200


@dataclass(frozen=True, slots=True)
class Residents:
    """Rows that belong to no session while nobody reads: look at them, never write them."""

    accounts: Mapping[int, Account]
    logins: Mapping[str, Account]
    """By login in lower case."""
    repositories: Mapping[tuple[str, str], Repository]
    """By owner and name in lower case."""
    tokens: Mapping[str, Token]
    """By digest."""
    roles: Mapping[tuple[int, int], Role]
    """By repository and account."""
    hooks: Sequence[Hook]
    shared: Sequence[Base]
    """What sessions are given, so that no relationship to them costs a query; none if too many."""


def load(session: Session) -> Residents:
    """Read them all; applications first, so that what points to them finds them there."""
    apps = session.scalars(select(App)).all()
    accounts = session.scalars(select(Account).order_by(Account.id)).all()
    roles = session.scalars(select(Collaborator)).all()
    repositories = session.scalars(select(Repository).order_by(Repository.id)).all()
    hooks = session.scalars(select(Hook).order_by(Hook.id)).all()
    tokens = session.scalars(select(Token)).all()
    shared: list[Base] = [*apps, *accounts, *roles, *repositories, *hooks]
    return Residents(
        accounts={account.id: account for account in accounts},
        logins={account.login.lower(): account for account in accounts},
        repositories={(repo.owner.login.lower(), repo.name.lower()): repo for repo in repositories},
        tokens={token.digest: token for token in tokens},
        roles={(row.repository_id, row.account_id): row.role for row in roles},
        hooks=hooks,
        shared=shared if len(shared) <= _MOST_SHARED else (),
    )
