"""One effect for each delivery, and for each body: the row and the looks are one transaction."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from services.github_ingest.looks import Look
from services.github_ingest.tables import DELIVERIES
from shared.store import Handling

KEPT = timedelta(days=30)
"""The forge sends a delivery again for three days at most."""


class Admission(Enum):
    """What became of a delivery that is proven and understood?"""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    """The same delivery once more."""
    DUPLICATE_BODY = "duplicate-body"
    """A new name for a body that was here before."""
    CONFLICT = "conflict"
    """A known name with another body."""


def admit(
    at: Handling, delivery: UUID, *, event: str, body: bytes, looks: Sequence[Look]
) -> tuple[Admission, Sequence[Look]]:
    """Record the delivery in `at`'s transaction; with it the looks that are to be committed."""
    digest = hashlib.sha256(body).hexdigest()
    known = at.session.scalar(
        select(DELIVERIES.c.body_sha256).where(DELIVERIES.c.id == delivery)
    )  # fmt: skip
    if known is not None:
        return (Admission.DUPLICATE if known == digest else Admission.CONFLICT), ()
    first = at.session.scalar(
        select(DELIVERIES.c.id)
        .where(DELIVERIES.c.body_sha256 == digest, DELIVERIES.c.repeats.is_(None))
        .limit(1)
    )
    at.session.execute(
        insert(DELIVERIES).values(
            id=delivery, body_sha256=digest, event=event, repeats=first, received_at=at.now
        )
    )
    return (Admission.ACCEPTED, looks) if first is None else (Admission.DUPLICATE_BODY, ())


def arrived(session: Session, guids: Sequence[UUID]) -> set[UUID]:
    """Which of these deliveries are here already."""
    return set(session.scalars(select(DELIVERIES.c.id).where(DELIVERIES.c.id.in_(list(guids)))))


def forget_old(session: Session, now: datetime) -> None:
    """Drop rows that are older than any repeat can be."""
    session.execute(delete(DELIVERIES).where(DELIVERIES.c.received_at < now - KEPT))
