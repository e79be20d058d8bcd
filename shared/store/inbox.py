"""What a consumer has handled, so that a repeat is dropped: plain functions on a session."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select, tuple_, update
from sqlalchemy.orm import Session

from shared.store.many import IDS, Ids, among, for_driver
from shared.store.tables import INBOX

A_DAY = timedelta(days=1)
_IDS = Ids()

# as the driver takes it: it is part of every handling, and to prepare it takes longer than to do it
_FIRST_HEARD = (
    "INSERT INTO inbox (consumer, message_id, at) SELECT {p}, value, {p} FROM {ids}"
    " WHERE true ON CONFLICT DO NOTHING RETURNING message_id"
)
_FIRST_HEARD_ON = {
    "sqlite": _FIRST_HEARD.format(p="?", ids="json_each(?)"),
    "postgresql": _FIRST_HEARD.format(p="%s", ids="unnest(%b::uuid[]) AS value"),
}
# "name": in an update SQLAlchemy keeps a column's own name for the value that is set
_HEARD_AGAIN = (
    update(INBOX)
    .where(
        INBOX.c.consumer == bindparam("name"),
        among(INBOX.c.message_id),
        INBOX.c.at < bindparam("before", type_=INBOX.c.at.type),
    )
    .values(at=bindparam("now", type_=INBOX.c.at.type))
)


def first_heard(session: Session, consumer: str, ids: Collection[UUID], at: datetime) -> set[UUID]:
    """Which of these messages this consumer has not handled yet; from this transaction on it has."""
    connection = session.connection()
    dialect = connection.dialect
    given = consumer, for_driver(INBOX.c.at.type, dialect, at), for_driver(_IDS, dialect, ids)
    found = connection.exec_driver_sql(_FIRST_HEARD_ON[dialect.name], given)
    return {each if isinstance(each, UUID) else UUID(each) for each in found.scalars()}


def heard_again(session: Session, consumer: str, ids: Collection[UUID], at: datetime) -> None:
    """What is said again and again (an open issue, at each reconcile) is remembered as long as it is.

    Recorded to the day only, so that a repeat is seldom a write.
    """
    if ids:
        given = {"name": consumer, IDS: ids, "before": at - A_DAY, "now": at}
        session.execute(_HEARD_AGAIN, given)


def forget(session: Session, before: datetime, *, limit: int) -> int:
    """Drop at most `limit` rows that are older than any repeat can be; returns how many."""
    key = tuple_(INBOX.c.consumer, INBOX.c.message_id)
    old = select(INBOX.c.consumer, INBOX.c.message_id).where(INBOX.c.at < before).limit(limit)
    gone = session.execute(delete(INBOX).where(key.in_(old)))
    return int(getattr(gone, "rowcount", 0))
