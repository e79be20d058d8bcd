"""The forge that a fleet works on: the embedded one, or one elsewhere that settings name."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services.fleet.hosting import Hosted, host
from services.fleet.settings import Settings
from shared.clock import Clock
from shared.errors import BadInput
from shared.forge.facts import ForgeAddress
from shared.runtime.holding import hold
from shared.runtime.settings import default_state

REPO_ELSEWHERE = (
    "--repo: begins a repository on the embedded forge, and GATEFLEET_FORGE_URL names {url}; leave one "
    "of both out"
)
REPOSITORIES = "repositories"
"""Below the user's own folder: who works on which repository of a forge elsewhere."""


@dataclass(frozen=True)
class Wanted:
    """Which repository, of what is embedded."""

    repository: str | None = None
    """`owner/name` of one that is new here; None: the one that is here already."""
    source: Path | None = None
    """What a new one is cloned from."""
    port: int = 0


@dataclass(frozen=True)
class Reached:
    """A forge, and what a fleet needs to work on one repository there."""

    address: ForgeAddress
    git_url: str
    write_token: str
    read_token: str
    hosted: Hosted | None
    """The embedded forge; None: it is elsewhere."""

    @property
    def repository(self) -> str:
        """`owner/name`."""
        return f"{self.address.owner}/{self.address.name}"

    @property
    def pages(self) -> str:
        """Where people read it."""
        return self.hosted.url if self.hosted is not None else f"{self.git_url}/{self.repository}"

    @property
    def person_token_file(self) -> Path | None:
        """The person's token, where the forge is ours."""
        return self.hosted.tokens / "you" if self.hosted is not None else None

    def idle(self) -> bool:
        """Nothing is on its way from the forge to the fleet, as far as can be known."""
        return self.hosted is None or self.hosted.local.idle()


@asynccontextmanager
async def reach(
    state: Path, wanted: Wanted, settings: Settings, clock: Clock
) -> AsyncIterator[Reached]:
    """The forge, for as long as this is entered. BadInput when it is not told which."""
    if settings.forge_url:
        if wanted.source is not None:
            raise BadInput(REPO_ELSEWHERE.format(url=settings.forge_url))
        reached = elsewhere(settings)
        with alone_on(reached):
            yield reached
        return
    hosted = await host(state / "forge", wanted.repository, wanted.source, clock, port=wanted.port)
    try:
        yield Reached(
            hosted.address(), hosted.url, hosted.token("fleet"), hosted.token("reader"), hosted
        )
    finally:
        await hosted.stop()


def elsewhere(settings: Settings) -> Reached:
    """A forge that is not ours; nothing is asked of it yet."""
    assert settings.token is not None
    assert settings.read_token is not None
    owner, _, name = settings.repository.partition("/")
    address = ForgeAddress(
        settings.forge_url, owner, name, app_id=settings.app_id, app_slug=settings.app_slug
    )
    return Reached(
        address, settings.git_root, settings.token.get_secret_value(),
        settings.read_token.get_secret_value(), None,
    )  # fmt: skip


def alone_on(reached: Reached) -> AbstractContextManager[None]:
    """Keep another fleet of this user and machine off the same repository, whatever its state folder.

    One on another machine cannot be seen from here. Both would find the same branches and comments by
    name, and so write nothing twice; but they would pay twice.
    """
    name = f"{reached.address.base_url.rstrip('/')}/{reached.repository}".lower()
    folder = hashlib.sha256(name.encode()).hexdigest()[:16]
    return hold(default_state() / REPOSITORIES / folder, f"on {reached.repository}")
