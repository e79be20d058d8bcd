"""One instance of an agent: a service with a store of its own, a lease's holder, swept folders."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Generic

from shared.agents.reaping import Reaper
from shared.agents.settings import AgentSettings
from shared.agents.tools import T
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.jobs import JobContext, Outcome
from shared.runs import MIGRATIONS, RunJob, Supervisor, gave_up
from shared.store import Store
from shared.workspaces import sweep

FIRST_INSTANCE = "1"


@dataclass(frozen=True)
class Agent(Generic[T]):
    """What an agent's handlers and runs are put into."""

    service: Service
    supervisor: Supervisor
    tools: T
    places: int

    @property
    def holder(self) -> str:
        """The name under which this instance holds leases."""
        return self.supervisor.holder

    def carries_out(self, runs: Callable[[RunJob, JobContext], Awaitable[Outcome[Any]]]) -> Service:
        """The service, whose runs are carried out by `runs`; its signature names what they say."""
        self.service.does(runs, gave_up=gave_up(self.holder), places=self.places)
        return self.service


def assemble(
    name: str, settings: AgentSettings, driver: Driver, clock: Clock, *, tools: T
) -> Agent[T]:
    """An instance of the agent `name` that hears nothing yet."""
    own = name if settings.instance == FIRST_INSTANCE else f"{name}-{settings.instance}"
    store = Store(settings.database(own), schema=settings.schema_name(own))
    service = Service(
        name, driver=driver, store=store, clock=clock, instance=settings.instance,
        migrations=(MIGRATIONS,),
    )  # fmt: skip
    service.one_active(holder=service.worker.holder)  # two of one name would both hold its leases
    tools = replace(tools, scratch=tools.scratch / own)
    service.at_start(lambda: sweep(tools.scratch))
    service.runs(Reaper(tools.scratch, clock))
    supervisor = Supervisor(service.worker.holder, store)
    service.tells.append(supervisor.counts.told)
    return Agent(service, supervisor, tools, settings.places)
