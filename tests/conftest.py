"""For every test: logs go where they went before, and no property is a matter of time."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from tests.services_at_hand import postgresql, vhosts

__all__ = ["postgresql", "vhosts"]

# CI=true loads hypothesis's own profile, which repeats the same examples and knows no deadline either
if settings.get_current_profile_name() == "default":
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _logs_go_where_they_went() -> Iterator[None]:
    """A stream that a test closed must not be written to by the next one."""
    yield
    structlog.reset_defaults()
