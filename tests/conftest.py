"""For every test: logs go where they went before, whatever a test configured."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logs_go_where_they_went() -> Iterator[None]:
    """A stream that a test closed must not be written to by the next one."""
    yield
    structlog.reset_defaults()
