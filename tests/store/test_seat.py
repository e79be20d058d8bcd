"""One active instance on one database: who stands by, who takes over, who may not write any more."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared.clock import FakeClock
from shared.errors import Refused
from shared.store import Seat, Store, is_the_stores
from shared.store.engine import lock_of
from shared.store.seat import LOOK_S
from tests.databases import Database

TABLE = "create table if not exists notes (who text)"


def at_hand(database: Database, clock: FakeClock) -> tuple[Store, Seat]:
    """A store whose seat is not taken yet."""
    store = database.store()
    seat = store.seat(clock)
    assert seat is not None
    return store, seat


async def note(store: Store, who: str) -> None:
    """Write something."""
    await store.run(
        lambda s: s.execute(text("insert into notes values (:who)"), {"who": who}) and None
    )


async def notes(store: Store) -> list[str]:
    """What was written."""
    return list(await store.run(lambda s: list(s.scalars(text("select who from notes")))))


async def ended(task: asyncio.Future[None], clock: FakeClock) -> None:
    """Let time pass until it has."""
    while not task.done():
        if clock.next_due() is not None:
            clock.advance(LOOK_S)
        await asyncio.sleep(0.001)


async def look(clock: FakeClock) -> None:
    """Let everybody who waits look again, and have looked."""
    while clock.next_due() is None:
        await asyncio.sleep(0.001)
    clock.advance(LOOK_S)


async def test_the_second_stands_by_visibly_and_takes_over_when_the_first_leaves(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = FakeClock()
    first_store, first = at_hand(database, clock)
    second_store, second = at_hand(database, clock)
    await first.take("scheduler:1")
    taking = asyncio.ensure_future(second.take("scheduler:2"))
    for _ in range(3):
        await look(clock)
    assert not taking.done()
    said = capsys.readouterr().out
    assert said.count("standing_by") == 1
    assert "scheduler:1, process" in said
    assert (first.waits_for, second.waits_for[:20]) == ("", "scheduler:1, process")
    await first.leave()
    await ended(taking, clock)
    assert second.waits_for == ""
    assert "took_over" in capsys.readouterr().out
    await second_store.open()
    await second_store.run(lambda s: s.execute(text(TABLE)) and None)
    await note(second_store, "second")
    assert await notes(second_store) == ["second"]
    await second.leave()
    await asyncio.gather(first_store.close(), second_store.close())


async def test_standing_by_can_be_given_up(database: Database) -> None:
    clock = FakeClock()
    first_store, first = at_hand(database, clock)
    second_store, second = at_hand(database, clock)
    await first.take("scheduler:1")
    taking = asyncio.ensure_future(second.take("scheduler:2"))
    await look(clock)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    await second.leave()
    await first.leave()
    third_store, third = at_hand(database, clock)
    await third.take("scheduler:3")
    await third.leave()
    await asyncio.gather(*(each.close() for each in (first_store, second_store, third_store)))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_whoever_was_thought_dead_writes_nothing_once_another_has_taken_over(
    database: Database,
) -> None:
    clock = FakeClock()
    old_store, old = at_hand(database, clock)
    new_store, new = at_hand(database, clock)
    await old.take("scheduler:1")
    await old_store.open()
    await old_store.run(lambda s: s.execute(text(TABLE)) and None)
    await note(old_store, "old")
    await end_session_of_lock(database)
    await note(old_store, "still the only one")
    await new.take("scheduler:2")
    await new_store.open()
    with pytest.raises(OperationalError, match="another instance has taken over") as caught:
        await note(old_store, "too late")
    assert is_the_stores(caught.value)  # so a message that it handled is nobody's fault
    await note(new_store, "new")
    assert await notes(new_store) == ["old", "still the only one", "new"]
    keeping = asyncio.ensure_future(old.keep())
    await ended(keeping, clock)
    with pytest.raises(Refused, match=r"scheduler:2, process .* has taken over"):
        await keeping
    for each in (old, new):
        await each.leave()
    await asyncio.gather(old_store.close(), new_store.close())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_transaction_that_is_under_way_is_waited_for_by_whoever_takes_over(
    database: Database,
) -> None:
    clock = FakeClock()
    old_store, old = at_hand(database, clock)
    new_store, new = at_hand(database, clock)
    await old.take("scheduler:1")
    await old_store.open()
    await old_store.run(lambda s: s.execute(text(TABLE)) and None)
    await end_session_of_lock(database)
    loop = asyncio.get_running_loop()
    taking: list[asyncio.Future[None]] = []

    def begin_to_take() -> None:
        taking.append(asyncio.ensure_future(new.take("scheduler:2")))

    def slow(session: Session) -> None:
        loop.call_soon_threadsafe(begin_to_take)
        session.execute(text("insert into notes values ('old')"))
        session.execute(text("select pg_sleep(0.3)"))
        assert not taking[0].done()

    await old_store.run(slow)
    await taking[0]
    await new_store.open()
    assert await notes(new_store) == ["old"]
    for each in (old, new):
        await each.leave()
    await asyncio.gather(old_store.close(), new_store.close())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_lock_that_was_lost_is_taken_again_where_nobody_took_over(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = FakeClock()
    store, seat = at_hand(database, clock)
    await seat.take("scheduler:1")
    await store.open()
    await end_session_of_lock(database)
    keeping = asyncio.ensure_future(seat.keep())
    said = ""
    while "activity_sure_again" not in said:
        await look(clock)
        said += capsys.readouterr().out
    assert said.count("activity_unsure") == 1
    assert not keeping.done()
    other_store, other = at_hand(database, clock)
    standing_by = asyncio.ensure_future(other.take("scheduler:2"))
    await look(clock)
    assert not standing_by.done()
    for each in (keeping, standing_by):
        each.cancel()
    await asyncio.gather(keeping, standing_by, return_exceptions=True)
    for one in (seat, other):
        await one.leave()
    await asyncio.gather(store.close(), other_store.close())


async def end_session_of_lock(database: Database) -> None:
    """As a database administrator, a failover or a network would end it."""
    victims = text(
        "select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid) "
        "where locktype = 'advisory' and granted and pid <> pg_backend_pid() "
        "and classid::bigint << 32 | objid::bigint = :lock"
    )
    lock = lock_of(f"active {database.schema}")
    engine = database.engine()
    with engine.begin() as connection:
        assert connection.execute(victims, {"lock": lock}).all() == [(True,)]
    engine.dispose()
