"""What an agent instance remembers of its runs. Shared with nobody."""

from sqlalchemy import BigInteger, Column, MetaData, String, Table, Text, Uuid

from shared.store import UtcDateTime

METADATA = MetaData()

RUNS = Table(
    "agent_runs",
    METADATA,
    Column("run", Uuid, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
    Column("finished", Text, nullable=False, default=""),
)
"""`state`: live or ended. `said_at`: when this holder last renewed its lease. `finished`: what it said
in the end, so that a scheduler which forgot it can be told again."""

CANCELLED = Table(
    "agent_cancelled",
    METADATA,
    Column("run", Uuid, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
)
