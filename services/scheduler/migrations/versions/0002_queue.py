"""The queue as it was said, dispatches, what all repositories share, what a lost memory needs."""

import sqlalchemy as sa
from alembic import op

revision = "scheduler0002"
down_revision = "scheduler0001"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("repositories", sa.Column("stop_at", _TIME))
    op.add_column("repositories", sa.Column("examined_at", _TIME))
    op.add_column("repositories", sa.Column("observed_at", _TIME))
    op.add_column("repositories", sa.Column("queue", sa.Text))
    op.add_column("issues", sa.Column("waits_since", _TIME))
    op.add_column(
        "issues", sa.Column("spent_micros", sa.BigInteger, nullable=False, server_default="0")
    )
    op.add_column("runs", sa.Column("held", sa.Text, nullable=False, server_default=""))
    op.add_column("runs", sa.Column("finished_at", _TIME))
    op.create_table(
        "early",
        sa.Column("run", sa.Uuid, primary_key=True),
        sa.Column("topic", sa.String(200), primary_key=True),
        sa.Column("repo_id", sa.String(100), nullable=False),
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("heard_at", _TIME, nullable=False),
    )
    op.create_table(
        "fleet",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("concurrent_runs", sa.Integer, nullable=False),
    )
    op.create_table(
        "merged",
        sa.Column("repo_id", sa.String(100), primary_key=True),
        sa.Column("issue", sa.Integer, primary_key=True),
        sa.Column("tip", sa.Text, nullable=False),
    )
    op.create_table(
        "dispatches",
        sa.Column("run", sa.Uuid, primary_key=True),
        sa.Column("generation", sa.BigInteger, primary_key=True),
        sa.Column("repo_id", sa.String(100), nullable=False),
        sa.Column("issue", sa.Integer),
        sa.Column("sent_at", _TIME, nullable=False),
    )
    op.create_index("dispatches_sent", "dispatches", ["repo_id", "sent_at"])
    # What was sent before counts as one dispatch a run, as it did until now.
    op.execute(
        "insert into dispatches (run, generation, repo_id, issue, sent_at) "
        "select id, generation, repo_id, issue, sent_at from runs where sent_at is not null"
    )
