"""One forge a test."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from services.local_forge.app import build
from services.local_forge.settings import LocalForgeSettings
from shared.clock import FakeClock
from tests.local_forge.place import URL, Place, make_source


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What every forge is cloned from; nothing writes to it."""
    return make_source(tmp_path_factory.mktemp("forge") / "source")


@pytest.fixture
async def place(tmp_path: Path, source: Path) -> AsyncIterator[Place]:
    """A seeded forge; webhooks are queued, and sent once a test starts the courier."""
    clock = FakeClock()
    settings = LocalForgeSettings(
        state=tmp_path / "state", public_url=URL, database_url="sqlite://"
    )
    local = build(settings, clock)
    await local.forge.seed("octo", "hello", source)
    async with AsyncExitStack() as stack:
        made = Place(local, clock, tmp_path / "work", stack)
        for name in ("you", "fleet", "reader"):
            made.clients[name] = await made.client(local.forge.token(name))
        yield made
    await local.close()
