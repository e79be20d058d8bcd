"""Builds the six services and the console over one bus, for one repository on one forge."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

from services.console.app import assemble as assemble_console
from services.console.server import ConsoleServer
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
from shared.bus import Driver, MemoryBus, Service
from shared.clock import Clock
from shared.forge.facts import ForgeAddress
from shared.forge.github.open import open_reader, open_writer
from shared.forge.port import Reader, Writer
from shared.git.mirror import Mirror
from shared.git.mirrors import mirrors as mirrors_below
from shared.messages import Repo
from shared.runtime.settings import read_settings
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
    webhooks: Literal["own", "as_set", "none"] = "own"
    """Deliveries come to any free port under a secret of this start, as github-ingest's own settings
    say, or not at all: then polling tells what happens."""


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
    asked_at: ConsoleServer
    """Where the console answers."""

    async def start(self) -> None:
        """Prepare and begin."""
        await self.prepare()
        await self.begin()

    async def prepare(self) -> None:
        """Open stores and declare everything, so that nothing said by one is missed by another."""
        for service in self.services:
            await service.prepare()

    async def begin(self) -> None:
        """Work from now on."""
        for service in self.services:
            await service.begin()

    async def stop(self, grace_s: float = 0.0) -> None:
        """All at once: what one still says waits in its outbox for the next start."""
        stops = [service.stop(grace_s) for service in self.services]
        ends = await asyncio.gather(*stops, return_exceptions=True)
        await self.bus.close()
        await self.reader.close()
        await self.writer.close()
        for end in ends:
            if end is not None:
                raise end

    async def broken(self) -> None:
        """Return after `stop`, or raise what one of the services ended with."""
        waits = [asyncio.ensure_future(service.broken()) for service in self.services]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


async def assemble_fleet(
    plan: Plan, clock: Clock, *, wire: Callable[[], Driver] | None = None
) -> Fleet:
    """Everything built, nothing started. `wire`: each service's way onto another bus than its own.

    Raises what the forge's answers raise, and BadInput for a setting that is wrong.
    """
    bus = MemoryBus(clock)
    wire = wire or bus.driver
    secret = secrets.token_hex(32)
    async with AsyncExitStack() as stack:
        reader = open_reader(plan.address, token=lambda: plan.read_token, clock=clock)
        stack.push_async_callback(reader.close)
        writer = open_writer(plan.address, token=lambda: plan.write_token, clock=clock)
        stack.push_async_callback(writer.close)
        facts = await reader.repository()
        ingest = _ingest(plan, wire(), clock, reader, secret)
        console = assemble_console(read_settings(ConsoleSettings, state=plan.state), wire(), clock)
        given: dict[str, Any] = {"propose_at_start": True} if plan.propose_at_start else {}
        scheduler = build_scheduler(
            read_settings(SchedulerSettings, state=plan.state, **given), wire(), clock
        )
        gatekeeper = await _gatekeeper(plan, wire(), clock, writer)
        services = [
            console.service, ingest.service, scheduler, gatekeeper, *_agents(plan, wire, clock),
        ]  # fmt: skip
        stack.pop_all()  # from now on the fleet's own
        return Fleet(
            facts.repo, bus, services, console.service, ingest, secret, reader, writer,
            console.server,
        )  # fmt: skip


def _ingest(plan: Plan, driver: Driver, clock: Clock, reader: Reader, secret: str) -> Ingest:
    given: dict[str, Any] = {}
    if plan.webhooks == "own":
        given = {"webhooks": True, "webhook_secret": SecretStr(secret), "port": 0}
    elif plan.webhooks == "none":
        given = {"webhooks": False}
    settings = read_settings(
        IngestSettings, state=plan.state, repository=f"{plan.address.owner}/{plan.address.name}",
        forge_url=plan.address.base_url, **given,
    )  # fmt: skip
    return assemble(settings, driver, clock, reader=reader)


async def _gatekeeper(plan: Plan, driver: Driver, clock: Clock, writer: Writer) -> Service:
    place = Place(
        plan.state / "gatekeeper", plan.git_url, SecretStr(plan.write_token),
        secrets=(plan.read_token.encode(),),
    )  # fmt: skip
    desks = await desks_at(place, writer, clock)
    settings = read_settings(GateSettings, state=plan.state)
    return build_gatekeeper(settings, driver, clock, desks=desks)


def _agents(plan: Plan, wire: Callable[[], Driver], clock: Clock) -> list[Service]:
    token = SecretStr(plan.read_token)

    def mirrors(name: str) -> Callable[[Repo], Mirror]:
        return mirrors_below(plan.state / name / "mirrors", plan.git_url, token)

    def scratch(name: str) -> Path:
        return plan.state / name / "scratch"

    return [
        pm.build(
            read_settings(PmSettings, state=plan.state), wire(), clock,
            Tools(mirrors(pm.NAME), plan.sandbox, scratch(pm.NAME)),
        ),
        dev.build(
            read_settings(DevSettings, state=plan.state), wire(), clock,
            DevTools(mirrors(dev.NAME), plan.sandbox, scratch(dev.NAME)),
        ),
        qa.build(
            read_settings(QaSettings, state=plan.state), wire(), clock,
            Tools(mirrors(qa.NAME), plan.sandbox, scratch(qa.NAME)),
        ),
    ]  # fmt: skip
