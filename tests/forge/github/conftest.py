"""The forge in this process, and both sides of it held to GitHub's description."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.forge.github.local import World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made
        # Both sides are held to GitHub's own description: what we ask, and what is answered.
        assert made.described.asked == []
        assert made.described.answered == []
