"""The scheduler's tables."""

import sqlalchemy as sa
from alembic import op

revision = "scheduler0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "repositories",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("default_branch", sa.Text, nullable=False),
        sa.Column("head_sha", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("policy_digest", sa.Text, nullable=False),
        sa.Column("protected", sa.Boolean),
        sa.Column("stopped", sa.Text),
        sa.Column("last_slot", _TIME),
        sa.Column("seen_at", _TIME, nullable=False),
    )
    op.create_table(
        "issues",
        sa.Column("repo_id", sa.String(100), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("approval", sa.Uuid, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("approved_at", _TIME, nullable=False),
        sa.Column("reserve_micros", sa.BigInteger, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("rest", sa.Text),
        sa.Column("rest_until", _TIME),
        sa.Column("rest_words", sa.Text, nullable=False),
        sa.Column("pull_request", sa.Integer),
        sa.Column("head", sa.Text),
        sa.Column("base", sa.Text),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("asks", sa.Text),
        sa.Column("extra_rounds", sa.Integer, nullable=False),
    )
    op.create_table(
        "ended_approvals",
        sa.Column("approval", sa.Uuid, primary_key=True),
        sa.Column("phase", sa.String(20), nullable=False),
    )
    op.create_table(
        "seen_issues",
        sa.Column("repo_id", sa.String(100), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("repo_id", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("issue", sa.Integer),
        sa.Column("approval", sa.Uuid),
        sa.Column("pull_request", sa.Integer),
        sa.Column("head", sa.Text),
        sa.Column("tip", sa.Text),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text),
        sa.Column("focus", sa.Text, nullable=False),
        sa.Column("event", sa.Text),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("wanted_at", _TIME, nullable=False),
        sa.Column("not_before", _TIME, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent_at", _TIME),
        sa.Column("lease_until", _TIME),
        sa.Column("lease_s", sa.Double, nullable=False),
        sa.Column("holder", sa.Text),
        sa.Column("reserved_micros", sa.BigInteger, nullable=False),
        sa.Column("spent_micros", sa.BigInteger, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
        sa.Column("drafted", sa.Boolean, nullable=False),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("carried_out", sa.Boolean, nullable=False),
        sa.Column("end", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("usage", sa.Text),
        sa.Column("request", sa.Text, nullable=False),
    )
    op.create_index("runs_state", "runs", ["repo_id", "state"])
    op.create_index("runs_issue", "runs", ["issue"])
    op.create_table(
        "proposals",
        sa.Column("repo_id", sa.String(100), primary_key=True),
        sa.Column("proposal", sa.Uuid, primary_key=True),
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
    )
