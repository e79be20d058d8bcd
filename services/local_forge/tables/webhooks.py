"""Webhooks and the log of what was sent to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.local_forge.tables.base import Base


class Hook(Base):
    """A webhook of a repository; `events` may be `["*"]`."""

    __tablename__ = "hooks"
    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"))
    url: Mapped[str]
    secret: Mapped[str]
    events: Mapped[list[Any]]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Delivery(Base):
    """One sending of one event to one hook; a redelivery is a row of its own with the same guid.

    `state` asks: has it been sent? waiting, or sent (whatever came of it). `status_code` is 0 when
    nobody answered.
    """

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    hook_id: Mapped[int] = mapped_column(ForeignKey("hooks.id"), index=True)
    guid: Mapped[str] = mapped_column(index=True)
    event: Mapped[str]
    action: Mapped[str | None]
    payload: Mapped[str]
    redelivery: Mapped[bool]
    state: Mapped[str]
    status: Mapped[str]
    status_code: Mapped[int]
    request_headers: Mapped[dict[str, Any]]
    response_headers: Mapped[dict[str, Any]]
    response_body: Mapped[str]
    duration_s: Mapped[float]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    hook: Mapped[Hook] = relationship(lazy="immediate")
