"""What drills share: one nursery a worker, and the sandbox tried once."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from shared.sandbox import choose
from tests.drills.process import Nursery, nursery
from tests.services_at_hand import amqp_vhost

__all__ = ["amqp_vhost"]


@pytest.fixture(scope="session")
def lives() -> Iterator[Nursery]:
    """Where lives of the fleet come from."""
    with nursery() as made:
        yield made


@pytest.fixture(scope="session")
def isolated() -> bool:
    """Whether bubblewrap works here; nothing less where CI says so."""
    in_ci = os.environ.get("CI") == "true"
    sandbox = asyncio.run(choose("auto", process_allowed=not in_ci))
    return sandbox.name == "bubblewrap"
