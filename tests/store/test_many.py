"""Many rows and ids in one statement: the same values come back from either database."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    event,
    func,
    not_,
    select,
)
from sqlalchemy.orm import Session

from shared.messages import Envelope
from shared.messages.content import Reason
from shared.store import Handling, ManyRows, ModelType, UtcDateTime, outbox
from shared.store.many import IDS, Kept, among, write_kept
from shared.store.tables import INBOX, OUTBOX

NOW = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
THINGS = Table(
    "things", MetaData(),
    Column("name", Text, primary_key=True), Column("number", Integer), Column("share", Float),
    Column("good", Boolean), Column("of", Uuid), Column("at", UtcDateTime), Column("body", LargeBinary),
    Column("reasons", ModelType(tuple[Reason, ...])), Column("more", JSON),
)  # fmt: skip
THING = (
    "a ☂ 'b' %s \\ {}", -7, 0.25, False, UUID(int=9), NOW, b"\x00\xff",
    (Reason(name="risk.path", text="it's risky"),), {"a": [1, None, "ö"]},
)  # fmt: skip
ROWS = ManyRows(INBOX, ("consumer", "message_id", "at"))


def envelope(number: int, **changed: object) -> Envelope:
    """One of many."""
    values: dict[str, object] = {
        "id": UUID(int=number), "topic": "gate.fleet.stopped.v1", "body": b"{}",
        "sender": "gatekeeper", "at": NOW, "correlation": "octo/hello#7",
    }  # fmt: skip
    return Envelope(**(values | changed))  # type: ignore[arg-type] # each as its field is


@pytest.mark.parametrize("changed", [
    {"body": bytes(range(256))},
    {"body": b""},
    {"body": "ünïcödé ☂ \\u0000 'quoted' \"too\"".encode()},
    {"correlation": "ö/h☂llo#7 'it' \"is\" \\ {1,2} %s ? :x"},
    {"causation": UUID(int=5)},
    {"causation": None, "trace": "00-ab-cd-01", "beside": "gate.fleet.stopped.v0"},
    {"at": NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))},
])  # fmt: skip
def test_a_row_comes_back_as_it_was(session: Session, changed: dict[str, object]) -> None:
    said = [envelope(1, **changed), envelope(2)]
    outbox.put(session, said)
    assert outbox.waiting(session, limit=9) == said


def test_rows_keep_their_order_among_many(session: Session) -> None:
    said = [envelope(number) for number in range(1000, 0, -1)]
    outbox.put(session, said)
    assert [each.id.int for each in outbox.waiting(session, limit=2000)] == list(range(1000, 0, -1))


def test_a_row_that_is_there_is_left_as_it_is(session: Session) -> None:
    ROWS.insert(session, [("q", UUID(int=1), NOW)])
    ROWS.insert(session, [("q", UUID(int=1), NOW + timedelta(days=1)), ("q", UUID(int=2), NOW)])
    ROWS.insert(session, [])
    found = session.execute(select(INBOX.c.message_id, INBOX.c.at).order_by(INBOX.c.message_id))
    assert found.all() == [(UUID(int=1), NOW), (UUID(int=2), NOW)]


@pytest.mark.parametrize("count", [0, 1, 3, 5000])
def test_any_number_of_ids_is_one_parameter(session: Session, count: int) -> None:
    outbox.put(session, [envelope(number) for number in range(1, 4)])
    ids = {UUID(int=number) for number in range(1, count + 1)}
    numbers = select(OUTBOX.c.seq).order_by(OUTBOX.c.seq)
    inside = session.scalars(numbers.where(among(OUTBOX.c.id)), {IDS: ids}).all()
    outside = session.scalars(numbers.where(not_(among(OUTBOX.c.id))), {IDS: ids}).all()
    assert (len(inside), len(outside)) == (min(count, 3), 3 - min(count, 3))


def test_values_of_every_type_come_back_as_they_were(session: Session) -> None:
    THINGS.metadata.create_all(session.connection())
    rows = ManyRows(THINGS, tuple(THINGS.c.keys()))
    nothing = ("none", *[None] * 8)
    rows.insert(session, [THING, nothing])
    found = session.execute(select(THINGS).order_by(THINGS.c.name)).all()
    assert [tuple(row) for row in found] == [THING, nothing]


def test_what_several_handlings_keep_is_one_statement_for_each_table(session: Session) -> None:
    THINGS.metadata.create_all(session.connection())
    things = ManyRows(THINGS, ("name", "number"))
    kept: Kept = {}
    statements: list[str] = []
    event.listen(
        session.connection(), "before_cursor_execute",
        lambda _connection, _cursor, said, *_rest: statements.append(said.split(" (")[0]),
    )  # fmt: skip
    for number in range(1, 4):
        at = Handling(session, NOW, UUID(int=number), kept=kept)
        at.keep(things, f"thing {number}", number)
        at.keep(ROWS, "q", at.id, NOW)
    assert statements == []
    write_kept(session, kept)
    assert statements == ["INSERT INTO things", "INSERT INTO inbox"]
    assert session.scalar(select(func.count()).select_from(INBOX)) == 3
    assert session.scalars(select(THINGS.c.number).order_by(THINGS.c.name)).all() == [1, 2, 3]


def test_what_is_no_part_of_a_batch_is_written_at_once(session: Session) -> None:
    Handling(session, NOW, UUID(int=1)).keep(ROWS, "q", UUID(int=1), NOW)
    assert session.scalars(select(INBOX.c.message_id)).all() == [UUID(int=1)]


@pytest.mark.parametrize("values", [(), ("q",), ("q", UUID(int=1), NOW, "more")])
def test_a_row_of_another_length_is_refused_by_name(
    session: Session, values: tuple[object, ...]
) -> None:
    at = Handling(session, NOW, UUID(int=1), kept={})
    with pytest.raises(TypeError, match=f"inbox: {len(values)} values for a row of consumer, mess"):
        at.keep(ROWS, *values)
    assert at.kept == {}
