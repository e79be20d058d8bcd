"""The gatekeeper's tables."""

import sqlalchemy as sa
from alembic import op

revision = "gatekeeper0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("repo_id", sa.String(100), nullable=False),
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("approver", sa.Text, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("ended", sa.Text),
    )
    op.create_index("approvals_issue", "approvals", ["repo_id", "issue"])
    op.create_table(
        "commits",
        sa.Column("sha", sa.String(40), primary_key=True),
        sa.Column("repo_id", sa.String(100), nullable=False),
        sa.Column("approval", sa.Uuid, nullable=False),
        sa.Column("run", sa.Uuid, nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("run", sa.Uuid, primary_key=True),
        sa.Column("generation", sa.BigInteger, primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
    )
    op.create_table(
        "heard",
        sa.Column("repo_id", sa.String(100), primary_key=True),
        sa.Column("what", sa.String(300), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_table(
        "issues",
        sa.Column("repo_id", sa.String(100), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("presented", sa.Text),
        sa.Column("presented_at", _TIME),
        sa.Column("comment", sa.BigInteger),
        sa.Column("comment_text", sa.Text, nullable=False),
        sa.Column("shown_text", sa.Text, nullable=False),
        sa.Column("notice", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("rest", sa.Text),
        sa.Column("rest_words", sa.Text, nullable=False),
        sa.Column("rest_until", _TIME),
    )
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("repo_id", sa.String(100), nullable=False),
        sa.Column("issue", sa.Integer),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "proposals",
        sa.Column("repo_id", sa.String(100), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("text_digest", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
    )
    op.create_table(
        "pulls",
        sa.Column("repo_id", sa.String(100), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("approval", sa.Uuid, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("taken_over", sa.Boolean, nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("judged", sa.Text),
        sa.Column("asked", sa.Text),
    )
    op.create_table(
        "repositories",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("protected", sa.Boolean),
        sa.Column("findings", sa.Text, nullable=False),
        sa.Column("stopped", sa.Text),
    )
    op.create_table(
        "reviews",
        sa.Column("repo_id", sa.String(100), primary_key=True),
        sa.Column("pull", sa.Integer, primary_key=True),
        sa.Column("run", sa.Uuid, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("tip", sa.Text, nullable=False),
        sa.Column("policy_digest", sa.Text, nullable=False),
        sa.Column("approval", sa.Uuid, nullable=False),
        sa.Column("tests", sa.Text, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("repo_id", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("issue", sa.Integer),
        sa.Column("approval", sa.Uuid),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("head", sa.Text),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("policy_digest", sa.Text, nullable=False),
        sa.Column("quota", sa.Integer, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("cancelled", sa.BigInteger, nullable=False),
        sa.Column("carried_out", sa.BigInteger),
    )
    op.create_index("runs_issue", "runs", ["repo_id", "issue"])
