"""The log and its records in the store: one message is kept and folded in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from services.console.projecting import VERSION, about, project
from services.console.records import IssueRecord, Record
from services.console.tables import EVENTS, PROJECTED, VIEWS, Event, Projected, View
from shared.errors import BadInput
from shared.messages import Message, read
from shared.messages.custom import CustomEvent, topic_of

log = structlog.get_logger()

T = TypeVar("T", bound=Record)
ONE = 1
PAGE = 1000


@dataclass(frozen=True)
class Heard:
    """One message of the log."""

    seq: int
    id: UUID
    at: datetime
    """When it was said."""
    sender: str
    correlation: str
    message: Message

    @property
    def topic(self) -> str:
        """The topic that it was said on."""
        return (
            topic_of(self.message) if isinstance(self.message, CustomEvent) else self.message.topic
        )


class Stored:
    """The records of one repository in the store, as the projection wants them."""

    def __init__(self, session: Session, repository: str, seq: int = 0) -> None:
        """`seq`: the event that changes them."""
        self._session = session
        self._repository = repository
        self._seq = seq
        self._there: set[tuple[str, str]] = set()

    def get(self, kind: type[T], key: str) -> T | None:
        """The record of a subject."""
        body = self._session.scalar(select(VIEWS.c.body).where(*self._place(kind.kind, key)))
        if body is None:
            return None
        self._there.add((kind.kind, key))
        return kind.model_validate_json(body)

    def put(self, key: str, record: Record) -> None:
        """Keep it from now on; it was got before."""
        values = _row(record, self._seq)
        if (record.kind, key) in self._there:
            change = update(VIEWS).where(*self._place(record.kind, key)).values(values)
            self._session.execute(change)
            return
        names = {"repository": self._repository, "kind": record.kind, "key": key}
        self._session.execute(insert(VIEWS).values(names | values))
        self._there.add((record.kind, key))

    def _place(self, kind: str, key: str) -> tuple[ColumnElement[bool], ...]:
        return (
            VIEWS.c.repository == self._repository, VIEWS.c.kind == kind, VIEWS.c.key == key,
        )  # fmt: skip


def keep(session: Session, heard: Heard) -> int | None:
    """Log one message and fold it in; its place in the log, or None when it is there already.

    The row of the projection is locked first: places are given and committed in one order, also
    where several instances write, so that whoever follows the log by its places misses none.
    """
    session.flush()
    lock = select(PROJECTED.c.one).where(PROJECTED.c.one == ONE).with_for_update()
    if session.scalar(lock) is None:
        session.execute(insert(PROJECTED).values(one=ONE, version=VERSION, seq=0))
    if session.scalar(select(EVENTS.c.seq).where(EVENTS.c.id == heard.id).limit(1)) is not None:
        return None
    message = heard.message
    row = insert(EVENTS).values(
        id=heard.id, at=heard.at, topic=heard.topic, sender=heard.sender,
        correlation=heard.correlation, body=message.model_dump_json(), repository=message.repo.id,
        number=about(message),
    )  # fmt: skip
    seq = int(session.scalars(row.returning(EVENTS.c.seq)).one())
    project(Stored(session, message.repo.id, seq), message, heard.at, heard.id)
    session.execute(update(PROJECTED).where(PROJECTED.c.one == ONE).values(seq=seq))
    return seq


def is_current(session: Session) -> bool:
    """Whether the records are those that this version's folds make. True for an empty log."""
    row = session.get(Projected, ONE)
    if row is not None:
        return row.version == VERSION
    return session.scalar(select(func.count()).select_from(Event).limit(1)) == 0


def rebuild(session: Session) -> int:
    """Make all records anew from the log, where they are not this version's. How many events."""
    if is_current(session):
        return 0
    session.execute(delete(View))
    records: dict[tuple[str, type[Record], str], tuple[Record, int]] = {}
    last = 0
    while page := events(session, after=last, limit=PAGE):
        for heard in page:
            repository = heard.message.repo.id
            project(_Memory(records, repository, heard.seq), heard.message, heard.at, heard.id)
        session.execute(update(Event), [
            {"seq": each.seq, "repository": each.message.repo.id, "number": about(each.message)}
            for each in page
        ])  # fmt: skip
        last = page[-1].seq
    for (repository, _, key), (record, seq) in records.items():
        names = {"repository": repository, "kind": record.kind, "key": key}
        session.execute(insert(VIEWS).values(names | _row(record, seq)))
    session.merge(Projected(one=ONE, version=VERSION, seq=last))
    session.flush()
    return last


def events(session: Session, *, after: int = 0, limit: int = PAGE) -> list[Heard]:
    """Messages after a place in the log, in the order in which they were heard.

    One that this version cannot read is left out, and said in the log of the service.
    """
    found: list[Heard] = []
    while not found:
        query = select(Event).where(Event.seq > after).order_by(Event.seq).limit(limit)
        rows = list(session.scalars(query))
        if not rows:
            break
        found = [heard for row in rows if (heard := heard_of(row)) is not None]
        after = rows[-1].seq
    return found


def heard_of(row: Event) -> Heard | None:
    """The message of a row; None when this version cannot read it."""
    try:
        message = read(row.topic, row.body.encode())
    except BadInput as error:
        log.warning("event_unreadable", seq=row.seq, error=str(error), next="left out")
        return None
    return Heard(row.seq, row.id, row.at, row.sender, row.correlation, message)


class _Memory:
    """The same records while they are made anew."""

    def __init__(
        self, records: dict[tuple[str, type[Record], str], tuple[Record, int]], repository: str,
        seq: int,
    ) -> None:  # fmt: skip
        self._records = records
        self._repository = repository
        self._seq = seq

    def get(self, kind: type[T], key: str) -> T | None:
        found = self._records.get((self._repository, kind, key))
        return found[0] if found is not None and isinstance(found[0], kind) else None

    def put(self, key: str, record: Record) -> None:
        self._records[self._repository, type(record), key] = (record, self._seq)


def _row(record: Record, seq: int) -> dict[str, object]:
    """What is kept of a record beside its name."""
    issue, live = getattr(record, "issue", None), True
    if isinstance(record, IssueRecord):
        issue, live = record.number, record.seen is None or record.seen.open
    return {"issue": issue, "live": live, "changed": seq, "body": record.model_dump_json()}
