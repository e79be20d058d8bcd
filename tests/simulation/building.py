"""Builds the services of a simulation as a fleet does, around its own bus, forge and clock."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from services.console import app as console
from services.console.settings import Settings as ConsoleSettings
from services.dev_agent.app import NAME as DEV
from services.gatekeeper import app as gatekeeper
from services.gatekeeper.desk import Desk
from services.gatekeeper.opening import Place, desks_at
from services.gatekeeper.settings import Settings as GateSettings
from services.github_ingest import app as ingest
from services.github_ingest.settings import Settings as IngestSettings
from services.github_ingest.webhook import Webhook
from services.pm_agent.app import NAME as PM
from services.qa_agent.app import NAME as QA
from services.scheduler import app as scheduler
from services.scheduler.settings import Settings as SchedulerSettings
from shared.bus import Service
from shared.clock import Clock
from shared.forge.facts import ForgeAddress
from shared.forge.github.open import GitHubReader, open_reader, open_writer
from shared.store import Store
from tests.simulation.carrying import CarryingDriver
from tests.simulation.ground import NAME, OWNER, URL, Door, Ground
from tests.simulation.loop import Life
from tests.simulation.offices import Office

SECRET = "s" * 64
SERVICES = (console.NAME, ingest.NAME, scheduler.NAME, gatekeeper.NAME, PM, DEV, QA)
"""In the order in which a fleet starts them."""
REBUILT = (gatekeeper.NAME, scheduler.NAME)
"""Those whose database may be deleted: the repository tells them all again."""

DeskMaker = Callable[[Desk], Desk]


@dataclass
class Living:
    """One life of one service, and what it holds."""

    life: Life
    driver: CarryingDriver
    context: Context
    service: Service | None = None
    webhook: Webhook | None = None
    client: GitHubReader | None = None
    starting: asyncio.Task[None] | None = None

    @property
    def has_begun(self) -> bool:
        """Whether it is ready."""
        return self.starting is None or self.starting.done()


@dataclass(frozen=True)
class Builder:
    """What every service of a simulation is built from."""

    ground: Ground
    clock: Clock
    state: Path
    door: Callable[[str], Door]
    office: Office
    desk: DeskMaker = lambda desk: desk
    """What a planted fault changes in the gatekeeper."""

    async def build(self, living: Living) -> None:
        """Make its service, unless it is made; TryLater when the forge does not answer."""
        if living.service is not None:
            return
        make: dict[str, Callable[[Living], Awaitable[Service]]] = {
            console.NAME: self._console, ingest.NAME: self._ingest,
            scheduler.NAME: self._scheduler, gatekeeper.NAME: self._gatekeeper,
        }  # fmt: skip
        built = make.get(living.life.name)
        if built is None:
            living.service = self.office.build(living.life.name, living.driver)
        else:
            living.service = await built(living)

    async def _console(self, living: Living) -> Service:
        return console.build(
            ConsoleSettings(state=self.state, serve=False), living.driver, self.clock
        )

    async def _scheduler(self, living: Living) -> Service:
        settings = SchedulerSettings(state=self.state, tick_s=5.0, propose_at_start=True)
        return scheduler.build(settings, living.driver, self.clock)

    async def _ingest(self, living: Living) -> Service:
        settings = IngestSettings(
            state=self.state, repository=f"{OWNER}/{NAME}", forge_url=URL,
            webhook_secret=SecretStr(SECRET), poll_s=60, poll_idle_s=120, reconcile_s=180,
            recover_s=300,
        )  # fmt: skip
        living.client = open_reader(
            self._address(), token=lambda: self.ground.local.forge.token("reader"),
            clock=self.clock, transport=self.door(ingest.NAME),
        )  # fmt: skip
        made = ingest.assemble(
            settings, living.driver, self.clock, reader=living.client, serves=False
        )
        living.webhook = made.webhook
        return made.service

    async def _gatekeeper(self, living: Living) -> Service:
        writer = open_writer(
            self._address(), token=lambda: self.ground.local.forge.token("fleet"),
            clock=self.clock, transport=self.door(gatekeeper.NAME),
        )  # fmt: skip
        living.client = writer
        git_url = str(self.ground.bare.parent.parent)
        place = Place(
            self.state / gatekeeper.NAME, git_url,
            SecretStr(self.ground.local.forge.token("fleet")),
        )  # fmt: skip
        desks = await desks_at(place, writer, self.clock)

        def changed(store: Store) -> list[Desk]:
            return [self.desk(each) for each in desks(store)]

        settings = GateSettings(state=self.state, reread_s=120, unknown_run_s=60)
        return gatekeeper.build(settings, living.driver, self.clock, desks=changed)

    def _address(self) -> ForgeAddress:
        app = self.ground.local.forge.accounts.app("gatefleet")
        return ForgeAddress(URL, OWNER, NAME, app_id=app.id if app else None,
                               app_slug="gatefleet", write_spacing=timedelta(0))  # fmt: skip
