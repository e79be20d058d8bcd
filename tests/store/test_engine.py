"""Which databases can be opened, and how a SQLite file is."""

from pathlib import Path

import pytest
from sqlalchemy import text

from shared.errors import BadInput
from shared.store import open_engine
from shared.store.engine import set_lasting
from tests.databases import Database


def test_a_sqlite_file_is_durable_and_strict(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.exec_driver_sql(f"pragma {name}").scalar() for name in asked]
    assert found == ["wal", 2, 1]
    engine.dispose()


def test_a_memory_database_is_the_same_for_every_connection() -> None:
    engine = open_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("create table t (x integer)")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from t").scalar() == 0
    engine.dispose()


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(BadInput, match=r"database mysql: use sqlite:///FILE or postgresql://"):
        open_engine("mysql://localhost/x")


@pytest.mark.parametrize("schema", ["", "Upper", "a-b", "a;drop schema public", "1a", "a" * 42])
def test_an_odd_schema_is_refused_before_anything_is_sent(schema: str) -> None:
    with pytest.raises(BadInput, match="use lower-case letters, digits and underscores"):
        open_engine("postgresql://nobody@127.0.0.1:1/none", schema=schema)


def test_two_transactions_wait_for_each_other(database: Database) -> None:
    first, second = database.engine(), database.engine()
    with first.begin() as connection:
        connection.execute(text("create table t (x integer)"))
    for engine in (first, second, first):
        with engine.begin() as connection:
            connection.execute(text("insert into t values (1)"))
    with second.connect() as connection:
        assert connection.execute(text("select count(*) from t")).scalar() == 3
    first.dispose()
    second.dispose()


def test_only_a_hasty_transaction_does_not_wait_for_the_disk(database: Database) -> None:
    engine = database.engine()
    sqlite = engine.dialect.name == "sqlite"
    asked = "pragma synchronous" if sqlite else "show synchronous_commit"
    found = []
    with engine.connect() as connection:
        for lasting in (True, False, True, False, False, True):
            set_lasting(connection, lasting)
            with connection.begin():
                found.append(connection.exec_driver_sql(asked).scalar())
    lasts, hurries = (2, 1) if sqlite else ("on", "off")
    assert found == [lasts, hurries, lasts, hurries, hurries, lasts]
    engine.dispose()
