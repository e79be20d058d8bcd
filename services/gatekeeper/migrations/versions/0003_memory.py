"""What the gatekeeper said last, what was spent, and when a repository was seen."""

import sqlalchemy as sa
from alembic import op

revision = "gatekeeper0003"
down_revision = "gatekeeper0002"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("repositories", sa.Column("seen_at", _TIME))
    op.add_column(
        "repositories",
        sa.Column("policy_errors", sa.Text, nullable=False, server_default="[]"),
    )
    op.add_column("issues", sa.Column("runs", sa.Integer, nullable=False, server_default="0"))
    op.add_column(
        "issues", sa.Column("spent_micros", sa.BigInteger, nullable=False, server_default="0")
    )
    op.create_table(
        "said",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("repo_id", sa.String(100), nullable=False),
        sa.Column("issue", sa.Integer),
        sa.Column("key", sa.String(300), nullable=False, unique=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )
