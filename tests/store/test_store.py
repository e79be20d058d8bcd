"""A store: one thread, one transaction at a time, all or nothing."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, MetaData, Table, Text, insert, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from shared.jobs import MIGRATIONS
from shared.messages.content import Reason
from shared.store import ModelType, Store, UtcDateTime
from tests.databases import Database

AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
THINGS = Table(
    "things",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("at", UtcDateTime),
    Column("reasons", ModelType(tuple[Reason, ...])),
)


def make(session: Session) -> None:
    """The table of these tests."""
    THINGS.metadata.create_all(session.connection())


def names(session: Session) -> list[str]:
    """What is there."""
    return list(session.scalars(select(THINGS.c.name).order_by(THINGS.c.name)))


async def test_what_returns_is_committed_and_what_raises_is_not(database: Database) -> None:
    store = database.store()
    await store.open()
    await store.run(make)

    def add(session: Session, name: str, *, fail: bool) -> None:
        session.execute(insert(THINGS).values(name=name))
        if fail:
            raise ValueError("on purpose")

    await store.run(lambda session: add(session, "kept", fail=False))
    with pytest.raises(ValueError, match="on purpose"):
        await store.run(lambda session: add(session, "lost", fail=True))
    assert await store.run(names) == ["kept"]
    await store.close()


async def test_everything_runs_on_one_thread_that_is_not_the_loops(database: Database) -> None:
    store = database.store()
    await store.open((MIGRATIONS,))
    threads = {await store.run(lambda session: threading.get_ident()) for _ in range(5)}
    assert len(threads) == 1
    assert threads != {threading.get_ident()}
    await store.close()


async def test_state_outlives_the_store(database: Database) -> None:
    first = database.store()
    await first.open()
    await first.run(make)
    await first.run(lambda session: session.execute(insert(THINGS).values(name="kept")))
    await first.close()
    second = database.store()
    await second.open()
    assert await second.run(names) == ["kept"]
    await second.close()


async def test_times_come_back_in_utc_to_the_microsecond(database: Database) -> None:
    store = database.store()
    await store.open()
    await store.run(make)
    elsewhere = AT.astimezone(timezone(timedelta(hours=9)))
    rows: list[dict[str, object]] = [
        {"name": "there", "at": elsewhere},
        {"name": "none", "at": None},
    ]
    await store.run(lambda session: session.execute(insert(THINGS), rows))
    found = await store.run(
        lambda session: dict(session.execute(select(THINGS.c.name, THINGS.c.at)).all())
    )
    assert found == {"there": AT, "none": None}
    assert found["there"].tzinfo is UTC
    await store.close()


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    store = database.store()
    await store.open()
    await store.run(make)
    naive = AT.replace(tzinfo=None)
    with pytest.raises(StatementError, match="has no time zone"):
        await store.run(
            lambda session: session.execute(insert(THINGS).values(name="naive", at=naive))
        )
    await store.close()


async def test_values_come_back_as_they_were(database: Database) -> None:
    store = database.store()
    await store.open()
    await store.run(make)
    reasons = (Reason(name="scope", text="a\nb ü"), Reason(name="size", text=""))
    await store.run(
        lambda session: session.execute(insert(THINGS).values(name="x", reasons=reasons))
    )
    assert await store.run(lambda session: session.scalar(select(THINGS.c.reasons))) == reasons
    kept = await store.run(lambda session: session.scalar(text("select reasons from things")))
    assert kept.startswith('[{"name":"scope"')
    await store.close()


async def test_a_store_that_was_never_opened_closes() -> None:
    store = Store("sqlite://")
    await store.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        await store.run(names)
