"""Reviews, statuses, check runs, and the rules of branches."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.local_forge.tables.base import Base
from services.local_forge.tables.people import Account, App


class RequestedReviewer(Base):
    """Who was asked for a review and has not given one since."""

    __tablename__ = "requested_reviewers"
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)


class Review(Base):
    """A review: COMMENTED, APPROVED, CHANGES_REQUESTED or DISMISSED, of one head."""

    __tablename__ = "reviews"
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    state: Mapped[str]
    body: Mapped[str]
    commit_id: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    submitted_at: Mapped[datetime]
    author: Mapped[Account] = relationship(lazy="immediate")
    comments: Mapped[list["ReviewComment"]] = relationship(lazy="selectin")


class ReviewComment(Base):
    """An inline comment of a review; `side` is LEFT (the base) or RIGHT (the head)."""

    __tablename__ = "review_comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), index=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    path: Mapped[str]
    line: Mapped[int | None]
    side: Mapped[str]
    body: Mapped[str]
    commit_id: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    author: Mapped[Account] = relationship(lazy="immediate")


class Status(Base):
    """A commit status; the newest of a context counts."""

    __tablename__ = "statuses"
    __table_args__ = (
        Index("ix_statuses_commit", "repository_id", "sha"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"))
    sha: Mapped[str]
    context: Mapped[str]
    state: Mapped[str]
    description: Mapped[str | None]
    target_url: Mapped[str | None]
    creator_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    creator: Mapped[Account] = relationship(lazy="immediate")


class CheckRun(Base):
    """A check run of an application on a commit; `output` is title, summary and text."""

    __tablename__ = "check_runs"
    __table_args__ = (
        Index("ix_check_runs_commit", "repository_id", "head_sha"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"))
    head_sha: Mapped[str]
    name: Mapped[str]
    external_id: Mapped[str]
    status: Mapped[str]
    conclusion: Mapped[str | None]
    details_url: Mapped[str | None]
    output: Mapped[dict[str, Any]]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    app_id: Mapped[int] = mapped_column(ForeignKey("apps.id"))
    app: Mapped[App] = relationship(lazy="immediate")


class Ruleset(Base):
    """Rules for branches: `refs` are the patterns of names, `bypass` who may pass them by."""

    __tablename__ = "rulesets"
    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"))
    name: Mapped[str]
    enforcement: Mapped[str]
    include: Mapped[list[Any]]
    exclude: Mapped[list[Any]]
    rules: Mapped[list[Any]]
    bypass: Mapped[list[Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class BranchProtection(Base):
    """Protection of one branch in the older form, as GitHub's JSON has it."""

    __tablename__ = "branch_protections"
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"), primary_key=True)
    branch: Mapped[str] = mapped_column(primary_key=True)
    settings: Mapped[dict[str, Any]]
