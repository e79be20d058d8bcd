"""Builds the six services and the console over one bus, for one repository on one forge."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from services.console.app import build as build_console
from services.console.settings import Settings as ConsoleSettings
from services.dev_agent import app as dev
from services.dev_agent.settings import Settings as DevSettings
from services.dev_agent.tools import Tools as DevTools
from services.gatekeeper.app import build as build_gatekeeper
from services.gatekeeper.opening import Place, desks_at
from services.gatekeeper.settings import Settings as GateSettings
from services.github_ingest.app import Ingest, assemble
from services.github_ingest.settings import Settings as IngestSettings
from services.pm_agent import app as pm
from services.pm_agent.settings import Settings as PmSettings
from services.qa_agent import app as qa
from services.qa_agent.settings import Settings as QaSettings
from services.scheduler.app import build as build_scheduler
from services.scheduler.settings import Settings as SchedulerSettings
from shared.agents import Tools
from shared.bus import MemoryBus, Service
from shared.clock import Clock
from shared.forge.facts import ForgeAddress
from shared.forge.github.open import open_reader, open_writer
from shared.forge.port import Reader, Writer
from shared.git.mirror import Mirror
from shared.git.mirrors import mirrors as mirrors_below
from shared.messages import Repo
from shared.sandbox import Sandbox


@dataclass(frozen=True)
class Plan:
    """What a fleet in one process is built from."""

    state: Path
    """Databases, mirrors and scratch folders; the fleet's own."""
    address: ForgeAddress
    git_url: str
    """The address below which repositories lie as `owner/name.git`."""
    write_token: str
    read_token: str
    sandbox: Sandbox
    propose_at_start: bool = False


@dataclass
class Fleet:
    """The services of one process, in the order in which they start."""

    repo: Repo
    bus: MemoryBus
    services: list[Service]
    console: Service
    ingest: Ingest
    webhook_secret: str
    reader: Reader
    writer: Writer

    async def start(self) -> None:
        """Declare everything first, so that nothing said by one is missed by another."""
        for service in self.services:
            await service.prepare()
        for service in self.services:
            await service.begin()

    async def stop(self, grace_s: float = 0.0) -> None:
        """Those who ask for work first, those who answer last."""
        for service in self.services:
            await service.stop(grace_s)
        await self.bus.close()
        await self.reader.close()
        await self.writer.close()


async def assemble_fleet(plan: Plan, clock: Clock) -> Fleet:
    """Everything built, nothing started."""
    bus = MemoryBus(clock)
    secret = secrets.token_hex(32)
    reader = open_reader(plan.address, token=lambda: plan.read_token, clock=clock)
    writer = open_writer(plan.address, token=lambda: plan.write_token, clock=clock)
    facts = await reader.repository()
    ingest = _ingest(plan, bus, clock, reader, secret)
    console = build_console(ConsoleSettings(state=plan.state), bus.driver(), clock)
    scheduler = build_scheduler(
        SchedulerSettings(state=plan.state, propose_at_start=plan.propose_at_start),
        bus.driver(), clock,
    )  # fmt: skip
    gatekeeper = await _gatekeeper(plan, bus, clock, writer)
    services = [
        console, ingest.service, scheduler, gatekeeper, *_agents(plan, bus, clock),
    ]  # fmt: skip
    return Fleet(facts.repo, bus, services, console, ingest, secret, reader, writer)


def _ingest(plan: Plan, bus: MemoryBus, clock: Clock, reader: Reader, secret: str) -> Ingest:
    settings = IngestSettings(
        state=plan.state, repository=f"{plan.address.owner}/{plan.address.name}",
        forge_url=plan.address.base_url, webhook_secret=SecretStr(secret), port=0,
    )  # fmt: skip
    return assemble(settings, bus.driver(), clock, reader=reader)


async def _gatekeeper(plan: Plan, bus: MemoryBus, clock: Clock, writer: Writer) -> Service:
    place = Place(
        plan.state / "gatekeeper", plan.git_url, SecretStr(plan.write_token),
        secrets=(plan.read_token.encode(),),
    )  # fmt: skip
    desks = await desks_at(place, writer, clock)
    return build_gatekeeper(GateSettings(state=plan.state), bus.driver(), clock, desks=desks)


def _agents(plan: Plan, bus: MemoryBus, clock: Clock) -> list[Service]:
    token = SecretStr(plan.read_token)

    def mirrors(name: str) -> Callable[[Repo], Mirror]:
        return mirrors_below(plan.state / name / "mirrors", plan.git_url, token)

    def scratch(name: str) -> Path:
        return plan.state / name / "scratch"

    return [
        pm.build(
            PmSettings(state=plan.state), bus.driver(), clock,
            Tools(mirrors(pm.NAME), plan.sandbox, scratch(pm.NAME)),
        ),
        dev.build(
            DevSettings(state=plan.state), bus.driver(), clock,
            DevTools(mirrors(dev.NAME), plan.sandbox, scratch(dev.NAME)),
        ),
        qa.build(
            QaSettings(state=plan.state), bus.driver(), clock,
            Tools(mirrors(qa.NAME), plan.sandbox, scratch(qa.NAME)),
        ),
    ]  # fmt: skip
