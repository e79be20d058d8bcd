"""qa-agent's composition root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from services.qa_agent.handlers import Handlers
from services.qa_agent.settings import Settings
from services.qa_agent.working import work
from shared.agents import Agent, Tools, assemble, real_tools
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.jobs import JobContext, Outcome
from shared.messages.draft import ReviewProposed, RunFinished, RunProgressed
from shared.runs import RunJob

NAME = "qa-agent"


@dataclass(frozen=True)
class Runs:
    """Carries out this instance's jobs with its tools."""

    agent: Agent[Tools]

    async def carry_out(
        self, job: RunJob, at: JobContext
    ) -> Outcome[ReviewProposed | RunFinished | RunProgressed]:
        """One generation of a run, to one of its ends."""
        review = partial(work, tools=self.agent.tools)
        return await self.agent.supervisor.carry_out(job, at, review, drafts=ReviewProposed)


def build(settings: Settings, driver: Driver, clock: Clock, tools: Tools) -> Service:
    """qa-agent, ready to start. Every instance has a store of its own."""
    agent = assemble(NAME, settings, driver, clock, tools=tools)
    handlers = Handlers(agent.holder)
    agent.service.hears(handlers.review)
    agent.service.hears(handlers.stop, every_instance=True)
    return agent.carries_out(Runs(agent).carry_out)


@asynccontextmanager
async def opened(settings: Settings, driver: Driver, clock: Clock) -> AsyncIterator[Service]:
    """The same with the tools of this machine. Raises Missing where no sandbox works."""
    yield build(settings, driver, clock, await real_tools(Tools, NAME, settings, clock))
