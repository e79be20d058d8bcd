"""The event log: every message but the bytes of changes, in the order in which it was heard."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Index, String, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.store import Migrations, UtcDateTime

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "version_console")


class Base(DeclarativeBase):
    """The console's tables."""

    type_annotation_map = {datetime: UtcDateTime, UUID: Uuid, str: Text}  # noqa: RUF012


class Event(Base):
    """One message as it was heard."""

    __tablename__ = "events"
    __table_args__ = (Index("events_story", "correlation"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[UUID]
    at: Mapped[datetime]
    topic: Mapped[str] = mapped_column(String(200))
    sender: Mapped[str] = mapped_column(String(100))
    correlation: Mapped[str] = mapped_column(String(300))
    body: Mapped[str]
