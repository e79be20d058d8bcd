"""Puts the forge together: store, domain, REST, git over HTTP, pages, and the sender of webhooks."""

from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp

from services.local_forge.domain.courier import Courier
from services.local_forge.domain.forge import Forge
from services.local_forge.front import Front
from services.local_forge.git.http import GitHttp
from services.local_forge.linking import SCHEMA
from services.local_forge.pages.routes import page_routes
from services.local_forge.rest.operations import OPERATIONS
from services.local_forge.rest.serving import Rest
from services.local_forge.settings import LocalForgeSettings
from shared.clock import Clock
from shared.git.locks import remove_stale_locks
from shared.store.engine import open_engine
from shared.store.migrate import Migrations, migrate

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "version_local_forge")


@dataclass(frozen=True, slots=True)
class LocalForge:
    """A forge that is ready to be served; `app` is ASGI, `forge` its domain."""

    app: ASGIApp
    forge: Forge
    courier: Courier

    async def start(self) -> None:
        """Begin to send webhooks; what an earlier process left unsent goes first."""
        self.courier.start()

    def idle(self) -> bool:
        """No webhook waits to be sent."""
        return self.courier.idle()

    async def settled(self) -> None:
        """Return once every webhook queued so far was sent."""
        await self.courier.settled()

    async def close(self) -> None:
        """Stop sending and give the database back."""
        await self.courier.close()
        self.forge.context.store.close()


def build(
    settings: LocalForgeSettings,
    clock: Clock,
    *,
    listeners: httpx.AsyncBaseTransport | None = None,
) -> LocalForge:
    """The forge over its state folder, its tables at their newest version.

    `listeners`: how webhooks reach their addresses; None is the network.
    """
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(settings.database, schema=SCHEMA)
    try:
        migrate(engine, MIGRATIONS)
    except BaseException:
        engine.dispose()
        raise
    for git_dir in settings.state.glob("git/*/*.git"):  # of gits that an earlier life left killed
        remove_stale_locks(git_dir)
    forge = Forge(engine, state=settings.state, url=settings.url, clock=clock)
    git = GitHttp(
        settings.state / "git",
        authorise=forge.gitside.authorise,
        on_push=forge.gitside.on_push,
    )
    site = Starlette(routes=[*git.routes(), *page_routes(forge)])
    courier = Courier(forge.webhooks, forge.faults, clock=clock, transport=listeners)
    front = Front(Rest(forge, OPERATIONS), site, names=settings.names)
    return LocalForge(front, forge, courier)
