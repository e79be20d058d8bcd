"""Accounts, applications, tokens and sessions; repositories and the roles in them."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.local_forge.tables.base import Base

Role = Literal["none", "read", "triage", "write", "maintain", "admin"]


class App(Base):
    """An application: what `performed_via_github_app` shows."""

    __tablename__ = "apps"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class Account(Base):
    """A person (User), an application's own account (Bot) or an Organization."""

    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    app_id: Mapped[int | None] = mapped_column(ForeignKey("apps.id"))
    created_at: Mapped[datetime]
    app: Mapped[App | None] = relationship(lazy="immediate")

    @property
    def email(self) -> str:
        """The address that commits of this account carry."""
        return f"{self.id}+{self.login}@users.noreply.local-forge.invalid"


class Token(Base):
    """A credential, kept as its SHA-256; `scope` is read or write."""

    __tablename__ = "tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    app_id: Mapped[int | None] = mapped_column(ForeignKey("apps.id"))
    account: Mapped[Account] = relationship(lazy="immediate")
    app: Mapped[App | None] = relationship(lazy="immediate")


class Repository(Base):
    """A repository; its git side is `STATE/git/owner/name.git`."""

    __tablename__ = "repositories"
    __table_args__ = (UniqueConstraint("owner_id", "name"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str]
    description: Mapped[str | None]
    private: Mapped[bool]
    default_branch: Mapped[str]
    next_number: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    pushed_at: Mapped[datetime]
    owner: Mapped[Account] = relationship(lazy="immediate")
    collaborators: Mapped[list["Collaborator"]] = relationship(lazy="selectin", viewonly=True)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"


class Collaborator(Base):
    """The role of an account in a repository: none, read, triage, write, maintain or admin."""

    __tablename__ = "collaborators"
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(String(10))


class LoginLink(Base):
    """A link that logs a browser in once, kept as the SHA-256 of its token."""

    __tablename__ = "login_links"
    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    expires_at: Mapped[datetime]


class BrowserSession(Base):
    """A logged-in browser: the SHA-256 of its cookie, and the token its forms must carry."""

    __tablename__ = "browser_sessions"
    digest: Mapped[str] = mapped_column(primary_key=True)
    csrf: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    expires_at: Mapped[datetime]
    account: Mapped[Account] = relationship(lazy="immediate")
