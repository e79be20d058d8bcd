"""A started world, and a webhook alone."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.github_ingest.door import Door
from tests.github_ingest.world import World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """An ingest with webhooks over a forge with one issue, started and at rest."""
    async with world(tmp_path) as made:
        made.forge.open_issue("Greet people")
        made.clock.advance(120)
        await made.start()
        yield made


@pytest.fixture
def door() -> Iterator[Door]:
    """A webhook of one secret, without a service around it."""
    made = Door()
    yield made
    made.close()
