"""The databases that these tests run on, and a transaction on one."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from shared.store import migrate
from shared.store.migrate import BUS
from tests.databases import Database, database

__all__ = ["database"]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """With the bus's tables."""
    engine = database.engine()
    migrate(engine, BUS)
    with Session(engine) as session, session.begin():
        yield session
    engine.dispose()
