"""Labels, issues, pull requests, comments, their edits and their timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.local_forge.tables.base import Base
from services.local_forge.tables.people import Account, App, Repository


class Label(Base):
    """A label of a repository; its name is unique whatever its case."""

    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("repository_id", "folded"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"))
    name: Mapped[str]
    folded: Mapped[str]
    color: Mapped[str]
    description: Mapped[str | None]


class IssueLabel(Base):
    """Which labels an issue carries."""

    __tablename__ = "issue_labels"
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True)


class Pull(Base):
    """What a pull request has beside being an issue; counts are as of the last push."""

    __tablename__ = "pulls"
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), primary_key=True)
    head_ref: Mapped[str]
    head_sha: Mapped[str]
    base_ref: Mapped[str]
    base_sha: Mapped[str]
    draft: Mapped[bool]
    merged_at: Mapped[datetime | None]
    merged_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    merge_commit_sha: Mapped[str | None]
    pushed_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    commits: Mapped[int]
    changed_files: Mapped[int]
    additions: Mapped[int]
    deletions: Mapped[int]
    merged_by: Mapped[Account | None] = relationship(lazy="immediate", foreign_keys=[merged_by_id])
    pushed_by: Mapped[Account] = relationship(lazy="immediate", foreign_keys=[pushed_by_id])
    asked: Mapped[list[Account]] = relationship(
        lazy="selectin",
        secondary="requested_reviewers",
        primaryjoin="Pull.issue_id == RequestedReviewer.issue_id",
        secondaryjoin="RequestedReviewer.account_id == Account.id",
        order_by=Account.id,
        viewonly=True,
    )

    @property
    def merged(self) -> bool:
        """Was it merged?"""
        return self.merged_at is not None


class Issue(Base):
    """An issue, or a pull request's conversation (`pull` is then set); numbers are shared."""

    __tablename__ = "issues"
    __table_args__ = (UniqueConstraint("repository_id", "number"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"))
    number: Mapped[int]
    title: Mapped[str]
    body: Mapped[str | None]
    state: Mapped[str]
    state_reason: Mapped[str | None]
    locked: Mapped[bool]
    comments: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    app_id: Mapped[int | None] = mapped_column(ForeignKey("apps.id"))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    repository: Mapped[Repository] = relationship(lazy="immediate")
    author: Mapped[Account] = relationship(lazy="immediate", foreign_keys=[author_id])
    closed_by: Mapped[Account | None] = relationship(lazy="immediate", foreign_keys=[closed_by_id])
    app: Mapped[App | None] = relationship(lazy="immediate")
    pull: Mapped[Pull | None] = relationship(lazy="joined")
    labels: Mapped[list[Label]] = relationship(
        lazy="joined", secondary="issue_labels", order_by=Label.folded
    )

    @property
    def asked(self) -> Sequence[Account]:
        """Who was asked for a review; nobody where it is no pull request."""
        return () if self.pull is None else self.pull.asked

    @property
    def subject(self) -> str:
        """`owner/name#7`."""
        return f"{self.repository.full_name}#{self.number}"


class Comment(Base):
    """A comment on an issue or on a pull request's conversation."""

    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    body: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    app_id: Mapped[int | None] = mapped_column(ForeignKey("apps.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    author: Mapped[Account] = relationship(lazy="immediate")
    app: Mapped[App | None] = relationship(lazy="immediate")
    issue: Mapped[Issue] = relationship(lazy="immediate")


class Edit(Base):
    """One edit of a body: of an issue (`comment_id` is None) or of a comment; the text before it."""

    __tablename__ = "edits"
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(index=True)
    editor_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    edited_at: Mapped[datetime]
    before: Mapped[str | None]
    editor: Mapped[Account] = relationship(lazy="immediate")


class Event(Base):
    """One entry of an issue's timeline; `detail` holds what its kind needs."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    kind: Mapped[str]
    actor_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    app_id: Mapped[int | None] = mapped_column(ForeignKey("apps.id"))
    created_at: Mapped[datetime]
    detail: Mapped[dict[str, Any]]
    actor: Mapped[Account] = relationship(lazy="immediate")
    app: Mapped[App | None] = relationship(lazy="immediate")
