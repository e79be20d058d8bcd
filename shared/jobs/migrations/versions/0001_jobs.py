"""The job table."""

import sqlalchemy as sa
from alembic import op

revision = "jobs0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("lane", sa.String(50), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("again", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("crashes", sa.Integer, nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True)),
        sa.Column("correlation", sa.String(300), nullable=False),
        sa.Column("trace", sa.String(100), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("jobs_due", "jobs", ["state", "lane", "not_before"])
