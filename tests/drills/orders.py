"""What a life of the fleet is told, and what it tells of itself."""

from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.console.reading import events
from services.gatekeeper import ledger
from shared.bus import Service, quiet
from shared.forge.facts import ForgeAddress
from shared.jobs.rows import JOBS
from shared.store import outbox
from shared.store.tables import DEAD


class Orders(BaseModel):
    """What one life is told."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    """Holds the fleet's state, the log and the record of what was passed."""
    address: ForgeAddress | None = None
    """None: the forge is in this process, too, and dies with it."""
    write_token: str = ""
    read_token: str = ""
    bus: str = "memory://"
    only: tuple[str, ...] = ()
    """The services of this life; none named: all."""
    environment: dict[str, str] = {}
    strike: Literal["kill", "freeze"] = "kill"
    targets: dict[str, int] = {}
    """At which passing of which point to be killed."""
    restarts: dict[str, str] = {}
    """At the first passing of which point to stop and start which service alone."""
    propose: bool = True
    stumbles: bool = False
    """The console fails over one message at first, and over another one for ever."""
    isolated: bool = True

    @property
    def state(self) -> Path:
        """The fleet's own folder."""
        return self.folder / "fleet"

    @property
    def record(self) -> Path:
        """Where passings are written down."""
        return self.folder / "passed"


class Stand(BaseModel):
    """How a fleet stands."""

    model_config = ConfigDict(frozen=True)

    quiet: bool
    dead: tuple[str, ...]
    """Dead letters: queue and reason."""
    left: tuple[str, ...]
    """Jobs that are open or were given up."""
    unsent: int
    chain_broken_at: int | None
    said: dict[str, int]
    """How often the console heard each `gate.*` and `work.*`: a message that is sent again is one."""


async def stand(services: list[Service]) -> Stand:
    """Asked of the services' own stores."""
    still = await quiet(services)
    dead: list[str] = []
    left: list[str] = []
    unsent = 0
    chain: int | None = None
    said: dict[str, int] = {}
    for service in services:
        dead += [f"{service.name}: {each}" for each in await service.store.run(
            lambda s: [f"{row.queue}: {row.reason}" for row in s.execute(select(DEAD))]
        )]  # fmt: skip
        left += [f"{service.name}: {each}" for each in await service.store.run(
            lambda s: [f"{row.name} {row.state} {row.error}" for row in s.execute(
                select(JOBS).where(JOBS.c.state != "done"))]
        )]  # fmt: skip
        unsent += await service.store.run(outbox.depth)
        if service.name == "gatekeeper":
            chain = await service.store.run(ledger.broken_at)
        if service.name == "console":
            said = await service.store.run(_said)
    return Stand(
        quiet=still, dead=tuple(dead), left=tuple(left), unsent=unsent, chain_broken_at=chain,
        said=said,
    )  # fmt: skip


def _said(session: Session) -> dict[str, int]:
    heard = [each.message.topic for each in events(session)]
    return dict(Counter(topic for topic in heard if topic.startswith(("gate.", "work."))))
