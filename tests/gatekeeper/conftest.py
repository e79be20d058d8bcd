"""A gatekeeper at work for every test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.gatekeeper.acting import Acting
from tests.gatekeeper.desks import world

# How long an example takes says how busy the machine is, and nothing about a decision.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
async def act(tmp_path: Path) -> AsyncIterator[Acting]:
    """Everybody around a gatekeeper that has seen its repository."""
    async with world(tmp_path) as made:
        acting = Acting(made)
        await acting.see_repository()
        made.topics()
        yield acting
