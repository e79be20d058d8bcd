"""Accounts, repositories and conversations."""

import sqlalchemy as sa
from alembic import op

revision = "lf0001"
down_revision = None


def upgrade() -> None:
    _apps()
    _accounts()
    _tokens()
    _repositories()
    _collaborators()
    _login_links()
    _browser_sessions()
    _labels()
    _issues()
    _pulls()
    _issue_labels()
    _comments()
    _edits()
    _events()


def _apps() -> None:
    op.create_table(
        "apps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("app_id", sa.Integer, sa.ForeignKey("apps.id")),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("app_id", sa.Integer, sa.ForeignKey("apps.id")),
        sqlite_autoincrement=True,
    )


def _repositories() -> None:
    op.create_table(
        "repositories",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("default_branch", sa.Text, nullable=False),
        sa.Column("next_number", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.Column("pushed_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("owner_id", "name"),
        sqlite_autoincrement=True,
    )


def _collaborators() -> None:
    op.create_table(
        "collaborators",
        sa.Column("repository_id", sa.Integer, sa.ForeignKey("repositories.id"), primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("role", sa.String(10), nullable=False),
    )


def _login_links() -> None:
    op.create_table(
        "login_links",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )


def _browser_sessions() -> None:
    op.create_table(
        "browser_sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("csrf", sa.Text, nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("repository_id", sa.Integer, sa.ForeignKey("repositories.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("color", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.UniqueConstraint("repository_id", "folded"),
        sqlite_autoincrement=True,
    )


def _issues() -> None:
    op.create_table(
        "issues",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("repository_id", sa.Integer, sa.ForeignKey("repositories.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("state_reason", sa.Text),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.Column("comments", sa.Integer, nullable=False),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("app_id", sa.Integer, sa.ForeignKey("apps.id")),
        sa.Column("closed_by_id", sa.Integer, sa.ForeignKey("accounts.id")),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.Column("closed_at", sa.DateTime),
        sa.UniqueConstraint("repository_id", "number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_issues_updated_at", "issues", ["updated_at"])


def _pulls() -> None:
    op.create_table(
        "pulls",
        sa.Column("issue_id", sa.Integer, sa.ForeignKey("issues.id"), primary_key=True),
        sa.Column("head_ref", sa.Text, nullable=False),
        sa.Column("head_sha", sa.Text, nullable=False),
        sa.Column("base_ref", sa.Text, nullable=False),
        sa.Column("base_sha", sa.Text, nullable=False),
        sa.Column("draft", sa.Boolean, nullable=False),
        sa.Column("merged_at", sa.DateTime),
        sa.Column("merged_by_id", sa.Integer, sa.ForeignKey("accounts.id")),
        sa.Column("merge_commit_sha", sa.Text),
        sa.Column("pushed_by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("commits", sa.Integer, nullable=False),
        sa.Column("changed_files", sa.Integer, nullable=False),
        sa.Column("additions", sa.Integer, nullable=False),
        sa.Column("deletions", sa.Integer, nullable=False),
    )


def _issue_labels() -> None:
    op.create_table(
        "issue_labels",
        sa.Column("issue_id", sa.Integer, sa.ForeignKey("issues.id"), primary_key=True),
        sa.Column("label_id", sa.Integer, sa.ForeignKey("labels.id"), primary_key=True),
    )


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("issue_id", sa.Integer, sa.ForeignKey("issues.id"), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("app_id", sa.Integer, sa.ForeignKey("apps.id")),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comments_issue_id", "comments", ["issue_id"])
    op.create_index("ix_comments_updated_at", "comments", ["updated_at"])


def _edits() -> None:
    op.create_table(
        "edits",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("issue_id", sa.Integer, sa.ForeignKey("issues.id"), nullable=False),
        sa.Column("comment_id", sa.Integer),
        sa.Column("editor_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("edited_at", sa.DateTime, nullable=False),
        sa.Column("before", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_edits_comment_id", "edits", ["comment_id"])
    op.create_index("ix_edits_issue_id", "edits", ["issue_id"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("issue_id", sa.Integer, sa.ForeignKey("issues.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("actor_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("app_id", sa.Integer, sa.ForeignKey("apps.id")),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_issue_id", "events", ["issue_id"])
