"""The connection that a store keeps: given back when it is idle, and after its own trouble."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.clock import FakeClock
from shared.store.line import IDLE_S, Line
from tests.databases import Database


def test_the_same_session_serves_every_transaction_and_remembers_nothing(
    database: Database,
) -> None:
    engine = database.engine()
    line = Line(engine, FakeClock())
    with line.session(lasting=True) as session, session.begin():
        session.execute(text("create table t (x integer)"))
        session.info["seen"] = True

    def fail() -> None:
        with line.session(lasting=True) as session, session.begin():
            session.execute(text("insert into t values (1)"))
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        fail()
    with line.session(lasting=False) as session, session.begin():
        assert session.info["seen"]
        assert session.scalar(text("select count(*) from t")) == 0
    line.release()
    engine.dispose()


async def test_after_its_own_trouble_the_store_goes_on_with_another_connection(
    database: Database,
) -> None:
    """PostgreSQL: the server ends the session, as its restart does."""
    store = database.store()
    await store.open()

    def end(session: Session) -> None:
        if session.connection().dialect.name == "postgresql":
            session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
        else:
            session.connection().connection.dbapi_connection.close()  # type: ignore[union-attr]
            session.execute(text("select 1"))

    with pytest.raises(DBAPIError):
        await store.run(end)
    assert await store.run(lambda session: session.scalar(text("select 1"))) == 1
    await store.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_session_that_ended_while_nobody_used_it_is_noticed_before_the_next(
    database: Database,
) -> None:
    engine, clock = database.engine(), FakeClock()
    line = Line(engine, clock)
    with line.session(lasting=True) as session, session.begin():
        first = session.scalar(text("select pg_backend_pid()"))
    other = database.engine()
    with other.begin() as connection:
        connection.execute(text(f"select pg_terminate_backend({first}, 30000)"))
    other.dispose()
    clock.advance(1.5 * IDLE_S)
    with line.session(lasting=True) as session, session.begin():
        assert session.scalar(text("select pg_backend_pid()")) != first
    line.release()
    engine.dispose()
