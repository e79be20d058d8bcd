"""dev-agent's composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from services.dev_agent.handlers import Handlers
from services.dev_agent.settings import Settings
from services.dev_agent.tools import Tools
from services.dev_agent.working import work
from shared.agents import Agent, assemble, real_tools
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.jobs import JobContext, Outcome
from shared.messages.draft import ChangeProposed, RunFinished, RunProgressed
from shared.runs import RunJob

NAME = "dev-agent"


@dataclass(frozen=True)
class Runs:
    """Carries out this instance's jobs with its tools."""

    agent: Agent[Tools]

    async def carry_out(
        self, job: RunJob, at: JobContext
    ) -> Outcome[ChangeProposed | RunFinished | RunProgressed]:
        """One generation of a run, to one of its ends."""
        implement = partial(work, tools=self.agent.tools)
        return await self.agent.supervisor.carry_out(job, at, implement, drafts=ChangeProposed)


def build(settings: Settings, driver: Driver, clock: Clock, tools: Tools) -> Service:
    """dev-agent, ready to start. Every instance has a store of its own."""
    agent = assemble(NAME, settings, driver, clock, tools=tools)
    handlers = Handlers(agent.holder)
    agent.service.hears(handlers.implement, handlers.revise)
    agent.service.hears(handlers.stop, every_instance=True)
    return agent.carries_out(Runs(agent).carry_out)


@asynccontextmanager
async def opened(settings: Settings, driver: Driver, clock: Clock) -> AsyncIterator[Service]:
    """The same with the tools of this machine. Raises Missing where no sandbox works."""
    yield build(settings, driver, clock, await real_tools(Tools, NAME, settings, clock))
