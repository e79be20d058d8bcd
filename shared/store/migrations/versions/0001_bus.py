"""Inbox, outbox and dead letters."""

import sqlalchemy as sa
from alembic import op

revision = "bus0001"
down_revision = None

_ENVELOPE = (
    ("topic", sa.String(200)),
    ("body", sa.LargeBinary),
    ("sender", sa.String(100)),
    ("at", sa.DateTime(timezone=True)),
    ("correlation", sa.String(300)),
)


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(200), primary_key=True),
        sa.Column("message_id", sa.Uuid, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("inbox_at", "inbox", ["at"])
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        *(sa.Column(name, kind, nullable=False) for name, kind in _ENVELOPE),
        sa.Column("causation", sa.Uuid),
        sa.Column("trace", sa.String(100), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "dead",
        sa.Column("queue", sa.String(200), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        *(sa.Column(name, kind, nullable=False) for name, kind in _ENVELOPE),
        sa.Column("causation", sa.Uuid),
        sa.Column("trace", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("traceback", sa.Text, nullable=False),
        sa.Column("died_at", sa.DateTime(timezone=True), nullable=False),
    )
