"""local-forge in the test's own process, behind a door: its truth survives whatever the fleet does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.fleet.hosting import Hosted
from services.local_forge.app import build
from services.local_forge.domain.seeding import FLEET_SLUG
from services.local_forge.settings import LocalForgeSettings
from shared.clock import Clock
from shared.runtime.serving import Served, address, listen
from tests.drills.door import Door
from tests.drills.points import Points

OWNER, NAME = "local", "part"


@asynccontextmanager
async def forge_with_a_door(
    folder: Path, source: Path, clock: Clock, points: Points
) -> AsyncIterator[tuple[Hosted, Door]]:
    """The forge with one repository, cloned from `source`."""
    listener = listen("127.0.0.1", 0)
    url = address(listener)
    local = build(LocalForgeSettings(state=folder, public_url=url), clock)
    await local.forge.seed(OWNER, NAME, source)
    door = Door(local.app, points)
    server = Served(door, listener)
    await server.start()
    await local.start()
    app = local.forge.accounts.app(FLEET_SLUG)
    hosted = Hosted(
        local, server, url, OWNER, NAME, folder / "tokens", app.id if app is not None else None
    )
    try:
        yield hosted, door
    finally:
        await hosted.stop()
