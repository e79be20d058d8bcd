"""Puts github-ingest together: the webhook, the timer, and the jobs that read the forge."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.github_ingest.here import Here
from services.github_ingest.looking import Looking
from services.github_ingest.polling import Polling
from services.github_ingest.reconciling import Reconciling
from services.github_ingest.recovering import Recovering
from services.github_ingest.server import WebhookServer
from services.github_ingest.settings import PREFIX, Settings
from services.github_ingest.tables import MIGRATIONS
from services.github_ingest.timetable import Timetable, due_at_once
from services.github_ingest.webhook import Bounds, Webhook
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.errors import BadInput, TryLater
from shared.forge.facts import ForgeAddress
from shared.forge.github.open import open_reader
from shared.forge.port import Reader
from shared.store import Store

log = structlog.get_logger()

NAME = "github-ingest"
NO_TOKEN = f"{PREFIX}TOKEN: reading the forge needs a token; set {PREFIX}TOKEN_FILE"
TICK = timedelta(seconds=5)
"""How often the timetable is looked at; what it says is due is rarer."""
PLACES = 4
"""Looks at a time; most of a look is waiting for the forge."""


@dataclass(frozen=True)
class Ingest:
    """The service, and its webhook for who must know where it listens. None: it only polls."""

    service: Service
    webhook: Webhook | None
    server: WebhookServer | None


def assemble(
    settings: Settings, driver: Driver, clock: Clock, *, reader: Reader, serves: bool = True
) -> Ingest:
    """The service with the handles of its webhook. `reader` stays the caller's: close it after stop.

    `serves` False: the caller hands deliveries to `webhook` himself, and nothing listens here.
    """
    store = Store(settings.database(NAME), schema=settings.schema_name(NAME))
    service = Service(
        NAME, driver=driver, store=store, clock=clock, instance=settings.instance,
        migrations=(MIGRATIONS,),
    )  # fmt: skip
    service.one_active()
    here = Here(reader, store)
    looking = Looking(reader, store, here)
    service.does(looking.look, places=PLACES)
    service.does(looking.restate)
    service.does(Polling(reader, store, here, pace=settings.pace).poll)
    service.does(Reconciling(reader).reconcile)
    service.does(Recovering(reader, store, pace=settings.pace).recover)
    service.every(TICK, Timetable(settings.pace).tick)
    service.at_start(_awake(store, here))
    if not settings.webhooks:
        return Ingest(service, None, None)
    bounds = Bounds(settings.secrets, settings.body_limit_bytes, settings.installation_id)
    webhook = Webhook(bounds, repository_id=here.id, commit=service.commit, clock=clock)
    if not serves:
        return Ingest(service, webhook, None)
    server = WebhookServer(webhook, host=settings.host, port=settings.port, clock=clock)
    service.runs(server)
    return Ingest(service, webhook, server)


def build(settings: Settings, driver: Driver, clock: Clock, *, reader: Reader) -> Service:
    """The service alone."""
    return assemble(settings, driver, clock, reader=reader).service


@asynccontextmanager
async def opened(settings: Settings, driver: Driver, clock: Clock) -> AsyncIterator[Service]:
    """The service with a reader of its own. BadInput without a token."""
    if settings.token is None:
        raise BadInput(NO_TOKEN)
    owner, _, name = settings.repository.partition("/")
    address = ForgeAddress(
        settings.forge_url, owner, name, app_id=settings.app_id, app_slug=settings.app_slug,
        hook_id=settings.hook_id,
    )  # fmt: skip
    reader = open_reader(address, token=settings.token.get_secret_value, clock=clock)
    try:
        service = build(settings, driver, clock, reader=reader)
        service.doubts.append(reader.clock_trouble)
        yield service
    finally:
        await reader.close()


def _awake(store: Store, here: Here) -> Callable[[], Awaitable[None]]:
    async def awake() -> None:
        """Know the repository before the first delivery comes. A token that is wrong ends here."""
        await store.run(due_at_once)
        await here.remember()
        try:
            await here.ask()
        except TryLater as error:
            log.warning("forge_unreachable", error=str(error),
                        next="deliveries are answered 503 until it answers")  # fmt: skip

    return awake
