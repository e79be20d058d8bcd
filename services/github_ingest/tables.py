"""What the ingest remembers: deliveries, what was said of what, when to look again.

All of it but the deliveries is rebuilt from the forge when it is lost.
"""

from pathlib import Path

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text, Uuid

from shared.store import Migrations, UtcDateTime

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "version_github_ingest")

METADATA = MetaData()

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("body_sha256", String(64), nullable=False),
    Column("event", String(40), nullable=False),
    Column("repeats", Uuid),
    Column("received_at", UtcDateTime, nullable=False),
    Index("deliveries_body", "body_sha256"),
    Index("deliveries_received", "received_at"),
)
"""`repeats`: the delivery that brought this very body before; then this one had no effect."""

SAID = Table(
    "said",
    METADATA,
    Column("kind", String(20), primary_key=True),
    Column("key", String(300), primary_key=True),
    Column("number", Integer),
    Column("digest", Uuid, nullable=False),
    Column("content", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("version", UtcDateTime),
    Column("said_at", UtcDateTime, nullable=False),
    Index("said_number", "kind", "number"),
)
"""The last message said of each object. `number`: the issue or pull request it stands on. `live`: it is
open, or not deleted. `version`: its `updated_at`, where it has one."""

RETURNS = Table(
    "returns",
    METADATA,
    Column("kind", String(20), primary_key=True),
    Column("key", String(300), primary_key=True),
    Column("digest", Uuid, primary_key=True),
    Column("times", Integer, nullable=False),
)
"""Every content that was said of an object, and how often it came back after another. Kept as long as
inboxes remember what they heard."""

LOOKS = Table(
    "looks",
    METADATA,
    Column("scope", String(300), primary_key=True),
    Column("began_at", UtcDateTime, nullable=False),
    Column("version", UtcDateTime),
)
"""When the newest look at something began, and the `updated_at` it found."""

TIMETABLE = Table(
    "timetable",
    METADATA,
    Column("what", String(20), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("since", UtcDateTime),
    Column("etag", Text),
    Column("quiet", Integer, nullable=False),
)
"""`since` and `etag`: where the next reading goes on. `quiet`: polls in a row with nothing new."""

REDELIVERIES = Table(
    "redeliveries",
    METADATA,
    Column("guid", String(100), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)
"""How often a delivery that had failed was asked for again."""
