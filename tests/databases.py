"""Empty databases for tests: a SQLite file, and a schema of its own in PostgreSQL."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from shared.store import Store, open_engine


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
