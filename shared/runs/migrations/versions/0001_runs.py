"""An agent's runs and cancellations."""

import sqlalchemy as sa
from alembic import op

revision = "runs0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "agent_runs",
        sa.Column("run", sa.Uuid, primary_key=True),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "agent_cancelled",
        sa.Column("run", sa.Uuid, primary_key=True),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
