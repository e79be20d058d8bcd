"""The tables that every service's store has: inbox, outbox, dead letters."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, Uuid

from shared.store.types import UtcDateTime

METADATA = MetaData()

INBOX = Table(
    "inbox",
    METADATA,
    Column("consumer", String(200), primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index("inbox_at", "at"),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("topic", String(200), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("sender", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("correlation", String(300), nullable=False),
    Column("causation", Uuid),
    Column("trace", String(100), nullable=False),
    Column("beside", String(200), nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

DEAD = Table(
    "dead",
    METADATA,
    Column("queue", String(200), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("topic", String(200), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("sender", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("correlation", String(300), nullable=False),
    Column("causation", Uuid),
    Column("trace", String(100), nullable=False),
    Column("beside", String(200), nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
    Column("traceback", Text, nullable=False),
    Column("died_at", UtcDateTime, nullable=False),
)
