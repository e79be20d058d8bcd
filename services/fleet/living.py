"""A fleet with its forge and its state folder, from the lock to the last connection: `up` and `tick`."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import structlog

from services.fleet.assembly import Fleet, Plan, assemble_fleet
from services.fleet.reaching import Reached, Wanted, reach
from services.fleet.room import check_room
from services.fleet.settings import Settings
from shared.clock import Clock
from shared.errors import BadInput, TryLater
from shared.runtime.holding import hold
from shared.sandbox import Sandbox, choose

log = structlog.get_logger()

MADE_FOR = "repository"
OTHER_FORGE = "{state}: was made for {found}, not for {wanted}; name another folder with --state"
EMBEDDED = "the embedded forge"
AGAIN_S = 5.0


@dataclass(frozen=True)
class Asked:
    """What a command line asks of a fleet."""

    what: Literal["up", "tick"]
    state: Path
    settings: Settings
    wanted: Wanted = field(default_factory=Wanted)
    sandbox: Literal["auto", "bubblewrap", "process"] = "auto"
    propose: bool = False
    patient: bool = False
    """A forge that is away is waited for."""


@dataclass(frozen=True)
class Life:
    """Everything that runs, built."""

    fleet: Fleet
    forge: Reached
    sandbox: Sandbox

    async def begin(self) -> None:
        """Let the prepared fleet work, and the forge tell it of everything."""
        await self.fleet.begin()
        server = self.fleet.ingest.server
        if self.forge.hosted is not None and server is not None:
            self.forge.hosted.hook(server.url, self.fleet.webhook_secret)


@asynccontextmanager
async def alive(asked: Asked, clock: Clock) -> AsyncIterator[Life]:
    """A fleet that is not started yet; whoever starts it stops it too.

    GatefleetError says in one line what is wrong; nothing is left running then.
    """
    with hold(asked.state, asked.what):
        check_room(asked.state)
        made_for = _made_for(asked)
        allowed = asked.sandbox == "process"
        sandbox = await choose(asked.sandbox, process_allowed=allowed, clock=clock)
        async with reach(asked.state, asked.wanted, asked.settings, clock) as forge:
            plan = Plan(
                state=asked.state / "fleet", address=forge.address, git_url=forge.git_url,
                write_token=forge.write_token, read_token=forge.read_token, sandbox=sandbox,
                propose_at_start=asked.propose, webhooks=_webhooks(asked, forge),
            )  # fmt: skip
            fleet = await _assembled(asked, plan, clock)
            made_for()
            yield Life(fleet, forge, sandbox)


async def _assembled(asked: Asked, plan: Plan, clock: Clock) -> Fleet:
    while True:
        try:
            return await assemble_fleet(plan, clock)
        except TryLater as error:
            if not asked.patient:
                raise
            log.warning("forge_unreachable", error=str(error), next=f"again in {AGAIN_S:g} s")
        await clock.sleep(AGAIN_S)


def _webhooks(asked: Asked, forge: Reached) -> Literal["own", "as_set", "none"]:
    if forge.hosted is not None:
        return "own"
    return "as_set" if asked.settings.webhooks else "none"


def _made_for(asked: Asked) -> Callable[[], None]:
    """What notes the forge in a new folder, once it was reached. BadInput where another is noted.

    Numbers of one repository mean nothing on another, so a folder belongs to one.
    """
    place = f"{asked.settings.forge_url.rstrip('/')}/{asked.settings.repository}"
    wanted = place if asked.settings.forge_url else EMBEDDED
    path = asked.state / "fleet" / MADE_FOR
    if path.exists():
        found = path.read_text(encoding="utf-8").strip()
        if found and found != wanted:
            raise BadInput(OTHER_FORGE.format(state=asked.state, found=found, wanted=wanted))

    def note() -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(f"{wanted}\n", encoding="utf-8")

    return note
