"""A scheduler of this test's own."""

from collections.abc import Iterator

import pytest

from tests.scheduler.desk import Desk
from tests.scheduler.story import START, observed, protected


@pytest.fixture
def blank() -> Iterator[Desk]:
    """One that has heard nothing."""
    desk = Desk(START)
    yield desk
    desk.close()


@pytest.fixture
def desk(blank: Desk) -> Desk:
    """One that knows the repository, and may dispatch."""
    blank.hear(observed(), protected())
    return blank
