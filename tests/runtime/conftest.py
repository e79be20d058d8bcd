"""A program that is run inside of a test sends logs to that test's own stderr: put back afterwards."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """How logs are written is one setting of the whole process."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
