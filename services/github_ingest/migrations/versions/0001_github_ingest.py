"""The ingest's tables."""

import sqlalchemy as sa
from alembic import op

revision = "github_ingest0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("repeats", sa.Uuid),
        sa.Column("received_at", _TIME, nullable=False),
    )
    op.create_index("deliveries_body", "deliveries", ["body_sha256"])
    op.create_index("deliveries_received", "deliveries", ["received_at"])
    op.create_table(
        "said",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("number", sa.Integer),
        sa.Column("digest", sa.Uuid, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("version", _TIME),
        sa.Column("said_at", _TIME, nullable=False),
    )
    op.create_index("said_number", "said", ["kind", "number"])
    op.create_table(
        "looks",
        sa.Column("scope", sa.String(300), primary_key=True),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("version", _TIME),
    )
    op.create_table(
        "timetable",
        sa.Column("what", sa.String(20), primary_key=True),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("since", _TIME),
        sa.Column("etag", sa.Text),
        sa.Column("quiet", sa.Integer, nullable=False),
    )
    op.create_table(
        "redeliveries",
        sa.Column("guid", sa.String(100), primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
    )
