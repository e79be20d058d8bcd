"""The forge as a process of its own: made where it is missing, served, and put away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.local_forge.app import LocalForge, build
from services.local_forge.domain.seeding import PERSON
from services.local_forge.settings import LocalForgeSettings
from shared.clock import Clock
from shared.runtime.serving import Served, listen

LISTENING = "local-forge listens on {url}; log in once with {link}"
LISTENING_QUIETLY = (
    "local-forge listens on {url}; `gatefleet link` makes a link that logs you in once"
)


class Alone:
    """Serves the forge from `start` to `stop`, and says where."""

    def __init__(self, local: LocalForge, settings: LocalForgeSettings) -> None:
        self._local = local
        self._settings = settings
        self._served: Served | None = None
        self._stopped = asyncio.Event()

    async def start(self) -> None:
        """Answer, and send webhooks. BadInput when the address is taken."""
        self._served = Served(self._local.app, listen(self._settings.host, self._settings.port))
        await self._served.start()
        await self._local.start()
        link = self._local.forge.sessions.one_time_link() if self._settings.tells_link else ""
        words = LISTENING if link else LISTENING_QUIETLY
        print(words.format(url=self._settings.url, link=link), flush=True)

    async def stop(self, grace_s: float = 0.0) -> None:
        """Take nothing new; what is in hand gets a second."""
        if self._served is not None:
            await self._served.stop()
        self._stopped.set()

    async def broken(self) -> None:
        """Return after `stop`."""
        await self._stopped.wait()


@asynccontextmanager
async def opened(settings: LocalForgeSettings, clock: Clock) -> AsyncIterator[Alone]:
    """The forge with its people and, if one is named, its repository."""
    local = build(settings, clock)
    try:
        await _seed(local, settings)
        yield Alone(local, settings)
    finally:
        await local.close()


async def _seed(local: LocalForge, settings: LocalForgeSettings) -> None:
    forge = local.forge
    if settings.tokens is not None:
        forge.seeding.people_with(settings.tokens)
    else:
        forge.seeding.people()
    if settings.repository is None:
        return
    owner, _, name = settings.repository.partition("/")
    repository = await forge.seed(owner, name, settings.source)
    if settings.hook_url and settings.hook_secret is not None:
        secret = settings.hook_secret.get_secret_value()
        forge.webhooks.only(
            repository, sender=forge.accounts.get(PERSON), url=settings.hook_url, secret=secret
        )
