"""Empty databases for tests: a SQLite file, and a schema of its own in PostgreSQL."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.store import Store, migrate, open_engine
from shared.store.migrate import Migrations


@dataclass(frozen=True)
class Database:
    """Where an empty database is."""

    url: str
    schema: str | None = None

    def engine(self) -> Engine:
        """An engine of its own; dispose of it."""
        return open_engine(self.url, schema=self.schema)

    def store(self) -> Store:
        """A store around it, not open yet."""
        return Store(self.url, schema=self.schema)


@contextmanager
def begun(database: Database, tables: Migrations) -> Iterator[Session]:
    """A transaction on it, with these tables."""
    engine = database.engine()
    migrate(engine, tables)
    with Session(engine) as session, session.begin():
        yield session
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The same test on both."""
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path / 'test.db'}")
        return
    url = request.getfixturevalue("postgresql")
    made = Database(url, f"test_{uuid.uuid4().hex[:16]}")
    made.engine().dispose()
    yield made
    engine = made.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"drop schema {made.schema} cascade")
    engine.dispose()
