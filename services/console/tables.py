"""The event log, every message but the bytes of changes; and the records that are folded from it."""

from datetime import datetime
from pathlib import Path
from typing import cast
from uuid import UUID

from sqlalchemy import Index, String, Table, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.store import Migrations, UtcDateTime

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "version_console")


class Base(DeclarativeBase):
    """The console's tables."""

    type_annotation_map = {datetime: UtcDateTime, UUID: Uuid, str: Text}  # noqa: RUF012


class Event(Base):
    """One message, in the order in which they were heard. Never changed, never removed."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_story", "correlation"),
        Index("events_about", "repository", "number"),
        Index("events_id", "id"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[UUID]
    at: Mapped[datetime]
    """When it was said; of those before this was kept, when it was heard."""
    topic: Mapped[str] = mapped_column(String(200))
    sender: Mapped[str] = mapped_column(String(100))
    correlation: Mapped[str] = mapped_column(String(300))
    body: Mapped[str]
    repository: Mapped[str] = mapped_column(String(100), default="")
    """The forge's own id of it."""
    number: Mapped[int | None]
    """The issue or, where none is named, the pull request whose story it belongs to."""


class View(Base):
    """One record, as it stands after every message so far."""

    __tablename__ = "views"
    __table_args__ = (Index("views_issue", "repository", "issue"),)

    repository: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    issue: Mapped[int | None]
    """The issue that it belongs to, or is."""
    live: Mapped[bool]
    """False: an issue that is closed; what belongs to it is not looked at without being asked for."""
    changed: Mapped[int]
    """The last event that changed it."""
    body: Mapped[str]


class Projected(Base):
    """One row: how far, and by which version of the folds, the views were made."""

    __tablename__ = "projected"

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    seq: Mapped[int]


EVENTS = cast("Table", Event.__table__)
VIEWS = cast("Table", View.__table__)
PROJECTED = cast("Table", Projected.__table__)
"""The same tables where each message pays for what it does: an object for every row costs more."""
