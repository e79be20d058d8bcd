"""How often a content came back."""

import sqlalchemy as sa
from alembic import op

revision = "github_ingest0002"
down_revision = "github_ingest0001"


def upgrade() -> None:
    op.create_table(
        "returns",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("digest", sa.Uuid, primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
    )
