"""The gatekeeper with a desk of its own: who it is and where it writes, asked of the forge."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from services.gatekeeper.app import NAME, build
from services.gatekeeper.desk import Desk
from services.gatekeeper.settings import PREFIX, Settings
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.errors import BadInput, TryLater
from shared.forge.facts import ForgeAddress
from shared.forge.github.open import open_writer
from shared.forge.port import Writer
from shared.git.commits import Person
from shared.git.mirror import Mirror
from shared.git.mirrors import repository_url
from shared.store import Store

log = structlog.get_logger()

NO_REPOSITORY = f"{PREFIX}REPOSITORY: not set; name the one repository as owner/name"
NO_TOKEN = f"{PREFIX}TOKEN: writing to the forge needs a token; set {PREFIX}TOKEN_FILE"
EMAIL = "{id}+{login}@users.noreply.{host}"

AGAIN_S = 5.0


@dataclass(frozen=True)
class Place:
    """Where the gatekeeper works, and with which credential."""

    state: Path
    """Its own folder: mirror, scratch, and where a person puts the STOP file."""
    git_url: str
    token: SecretStr
    secrets: tuple[bytes, ...] = ()
    """What must never leave, beside the token."""


async def desks_at(
    place: Place, writer: Writer, clock: Clock, *, author: Person | None = None
) -> Callable[[Store], list[Desk]]:
    """What makes the desk of the writer's repository. `author`: of commits; None: its account's.

    Raises what the forge's answers raise.
    """
    repo = (await writer.repository()).repo
    author = author or await _account(writer, place.git_url)
    git_url = repository_url(place.git_url, repo)
    scratch = place.state / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    secret = place.token.get_secret_value()

    async def token() -> str | None:
        return secret

    def desks(store: Store) -> list[Desk]:
        return [Desk(
            repo=repo, forge=writer, mirror=Mirror(place.state / "mirror.git", git_url, token),
            push_url=git_url, token=token, scratch=scratch, state=place.state, author=author,
            clock=clock, store=store, secrets=(secret.encode(), *place.secrets),
        )]  # fmt: skip

    return desks


@asynccontextmanager
async def opened(settings: Settings, driver: Driver, clock: Clock) -> AsyncIterator[Service]:
    """The service with a writer of its own; a forge that is away is waited for.

    BadInput without a repository or a token.
    """
    if not settings.repository:
        raise BadInput(NO_REPOSITORY)
    if settings.token is None:
        raise BadInput(NO_TOKEN)
    owner, _, name = settings.repository.partition("/")
    address = ForgeAddress(
        settings.forge_url, owner, name, app_id=settings.app_id, app_slug=settings.app_slug,
        write_spacing=timedelta(seconds=settings.write_spacing_s),
    )  # fmt: skip
    writer = open_writer(address, token=settings.token.get_secret_value, clock=clock)
    place = Place(settings.state / NAME, settings.git_url, settings.token)
    try:
        desks = await _patiently(place, writer, clock, _author(settings))
        service = build(settings, driver, clock, desks=desks)
        service.doubts.append(writer.clock_trouble)
        yield service
    finally:
        await writer.close()


async def _patiently(
    place: Place, writer: Writer, clock: Clock, author: Person | None
) -> Callable[[Store], list[Desk]]:
    while True:
        try:
            return await desks_at(place, writer, clock, author=author)
        except TryLater as error:
            log.warning("forge_unreachable", error=str(error), next=f"again in {AGAIN_S:g} s")
            await clock.sleep(AGAIN_S)


def _author(settings: Settings) -> Person | None:
    if settings.author_name and settings.author_email:
        return Person(settings.author_name, settings.author_email)
    if settings.author_name or settings.author_email:
        raise BadInput(f"{PREFIX}AUTHOR_NAME, {PREFIX}AUTHOR_EMAIL: set both or none")
    return None


async def _account(writer: Writer, git_url: str) -> Person:
    """The account as forges write it on commits, so that they link to it."""
    me = await writer.me()
    host = urlsplit(git_url).hostname or "localhost"
    return Person(me.login, EMAIL.format(id=me.user_id, login=me.login, host=host))
