"""For every test: logs go where they went before, and no property is a matter of time."""

import signal
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from tests.services_at_hand import postgresql, vhosts

__all__ = ["postgresql", "vhosts"]

# a shell without job control starts what it puts aside (`make test &`, nohup) deaf to these, and so would
# be every process that a test starts and tells to stop
for told in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(told) is signal.SIG_IGN:
        signal.signal(told, signal.default_int_handler if told is signal.SIGINT else signal.SIG_DFL)

# CI=true loads hypothesis's own profile, which repeats the same examples and knows no deadline either
if settings.get_current_profile_name() == "default":
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _logs_go_where_they_went() -> Iterator[None]:
    """A stream that a test closed must not be written to by the next one."""
    yield
    structlog.reset_defaults()
