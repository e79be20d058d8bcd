"""Outbox and dead letters as plain functions on a session."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, not_, select
from sqlalchemy.orm import Session

from shared.errors import Refused
from shared.messages import Envelope, Message
from shared.messages.custom import CustomEvent, topic_of
from shared.messages.ids import content_id, said_id
from shared.messages.trace import began, span_of
from shared.store.handling import Handling
from shared.store.many import IDS, ManyRows, among
from shared.store.tables import DEAD, OUTBOX

LARGEST_BODY = 9 * 1024 * 1024
"""Of one message, in bytes. More is refused where it is said, so that nothing unsendable waits."""
TOO_LARGE = "{topic}: {size:,} bytes are over the limit of {limit:,} of one message; send less"

_FIELDS = ("id", "topic", "body", "sender", "at", "correlation", "causation", "trace",
           "beside")  # fmt: skip
_WAITING = ManyRows(OUTBOX, _FIELDS)
_values = attrgetter(*_FIELDS)
_IN_ORDER = select(*(OUTBOX.c[name] for name in _FIELDS)).order_by(OUTBOX.c.seq)
_SENT = delete(OUTBOX).where(among(OUTBOX.c.id))


def seal(
    message: Message, at: Handling, *, sender: str, position: int, instance: str = ""
) -> Envelope:
    """The envelope of a message said in answer to `at`; its id is computed, so a replay repeats it.

    Two instances with a store each may answer the same message (it is delivered again when one
    dies before its acknowledgement), so `sender` and `instance` are part of the id. What is said is,
    too: a service that lost its store answers what it hears again, and a new request of it must not
    be taken for the one that it made in its earlier life.

    Observed and restated facts take theirs from their content: a repeat by any way is the same.
    Refused when its body is larger than LARGEST_BODY.
    """
    topic = topic_of(message) if isinstance(message, CustomEvent) else message.topic
    body = message.model_dump_json().encode()
    if len(body) > LARGEST_BODY:
        raise Refused(TOO_LARGE.format(topic=topic, size=len(body), limit=LARGEST_BODY))
    if topic.startswith("observed.") or message.restated:
        identity = content_id(topic, message.repo.id, message)
    else:
        answer = f"{sender}:{instance} {at.id} {hashlib.sha256(body).hexdigest()}"
        identity = said_id(answer, topic, position)
    return Envelope(
        id=identity,
        topic=topic,
        body=body,
        sender=sender,
        at=at.now,
        correlation=message.correlation(),
        causation=at.causation,
        trace=_trace(topic, identity, at),
    )


def _trace(topic: str, identity: UUID, at: Handling) -> str:
    """What was observed begins a trace, whatever led to its being seen: a poll sees many stories."""
    if at.trace and not topic.startswith("observed."):
        return at.trace
    return began(identity, span_of(at.id))


def put(session: Session, envelopes: Sequence[Envelope]) -> None:
    """Store envelopes to be sent. One that is still waiting with the same id is left as it is."""
    _WAITING.insert(session, [_values(each) for each in envelopes])


def waiting(
    session: Session, *, limit: int, skip: Collection[UUID] = (), topics: Sequence[str] = ()
) -> list[Envelope]:
    """Unsent envelopes, oldest first.

    `skip`: those that are being sent; `topics`: those that are held. Not a mere cursor, because
    where transactions overlap a lower place may be committed after a higher one.
    """
    query = _IN_ORDER.limit(limit)
    given: dict[str, object] = {}
    if skip:
        query, given = query.where(not_(among(OUTBOX.c.id))), {IDS: skip}
    if topics:
        query = query.where(OUTBOX.c.topic.not_in(topics))
    return [Envelope(*row) for row in session.execute(query, given)]


def sent(session: Session, ids: Collection[UUID]) -> None:
    """Forget what was sent and confirmed."""
    session.execute(_SENT, {IDS: ids})


def depth(session: Session, *, besides: Collection[str] = ()) -> int:
    """How many envelopes wait to be sent; `besides`: topics that are not counted."""
    counted = select(func.count()).select_from(OUTBOX)
    if besides:
        counted = counted.where(OUTBOX.c.topic.not_in(besides))
    return session.scalar(counted) or 0


def bury(
    session: Session, queue: str, dead: Envelope, *, why: tuple[str, str], at: datetime
) -> None:
    """Keep a dead letter with its reason and traceback; the same one twice is one."""
    session.execute(delete(DEAD).where(DEAD.c.queue == queue, DEAD.c.id == dead.id))
    reason, traceback = (text.replace("\0", "\\0") for text in why)  # PostgreSQL takes no NUL
    row = _row(dead) | {"queue": queue, "reason": reason, "traceback": traceback, "died_at": at}
    session.execute(insert(DEAD), [row])


def dead_letters(session: Session) -> list[tuple[str, Envelope, str]]:
    """Queue, envelope and reason of every dead letter kept here, oldest first."""
    rows = session.execute(select(DEAD).order_by(DEAD.c.died_at))
    return [(row.queue, _envelope(row), row.reason) for row in rows]


def _row(envelope: Envelope) -> dict[str, object]:
    return {name: getattr(envelope, name) for name in _FIELDS}


def _envelope(row: Row[tuple[object, ...]]) -> Envelope:
    return Envelope(**{name: getattr(row, name) for name in _FIELDS})
