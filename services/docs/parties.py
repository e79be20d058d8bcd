"""Every service of the fleet as a party to the conversation, from what its `app.py` really builds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

from services.console import app as console
from services.console.settings import Settings as ConsoleSettings
from services.dev_agent import app as dev_agent
from services.dev_agent import tools as dev_tools
from services.dev_agent.settings import Settings as DevSettings
from services.gatekeeper import app as gatekeeper
from services.gatekeeper.settings import Settings as GatekeeperSettings
from services.github_ingest import app as github_ingest
from services.github_ingest.settings import Settings as IngestSettings
from services.pm_agent import app as pm_agent
from services.pm_agent.settings import Settings as PmSettings
from services.qa_agent import app as qa_agent
from services.qa_agent.settings import Settings as QaSettings
from services.scheduler import app as scheduler
from services.scheduler.settings import Settings as SchedulerSettings
from services.scheduler.ticking import tick
from shared.agents import Tools
from shared.bus import MemoryBus, Service
from shared.bus.party import Party, party_of
from shared.clock import SystemClock
from shared.forge.port import Reader
from shared.git.mirrors import mirrors
from shared.runtime.settings import ServiceSettings, read_settings
from shared.sandbox.process import ProcessSandbox

S = TypeVar("S", bound=ServiceSettings)

_NOWHERE = Path("/nonexistent")
_PARTS = (mirrors(_NOWHERE, "https://forge.invalid", None), ProcessSandbox(SystemClock()), _NOWHERE)


def parties() -> tuple[Party, ...]:
    """In the order in which an issue meets them. Nothing is started, opened or written."""
    return tuple(
        party_of(service, ticks=(tick,) if service.name == scheduler.NAME else ())
        for service in built()
    )


def built() -> Iterator[Service]:
    """Every service on a bus that carries nothing, with parts that are never used."""
    clock = SystemClock()
    bus = MemoryBus(clock)
    # A build only keeps its reader; to read anything it would have to be started.
    reader = cast("Reader", None)
    yield github_ingest.build(
        _settings(IngestSettings, repository="octo/hello", webhooks=False),
        bus.driver(), clock, reader=reader,
    )  # fmt: skip
    yield gatekeeper.build(
        _settings(GatekeeperSettings), bus.driver(), clock, desks=lambda _store: ()
    )
    yield scheduler.build(_settings(SchedulerSettings), bus.driver(), clock)
    yield pm_agent.build(_settings(PmSettings), bus.driver(), clock, Tools(*_PARTS))
    yield dev_agent.build(_settings(DevSettings), bus.driver(), clock, dev_tools.Tools(*_PARTS))
    yield qa_agent.build(_settings(QaSettings), bus.driver(), clock, Tools(*_PARTS))
    yield console.build(_settings(ConsoleSettings), bus.driver(), clock)


def _settings(kind: type[S], **given: Any) -> S:
    """Defaults, whatever the environment says; a database in memory makes no folder."""
    return read_settings(kind, {}, database_url="sqlite://", state=_NOWHERE, **given)
