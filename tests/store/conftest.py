"""The databases that these tests run on, and a transaction on one."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from shared.store.migrate import BUS
from tests.databases import Database, begun, database

__all__ = ["database"]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """With the bus's tables."""
    with begun(database, BUS) as session:
        yield session
