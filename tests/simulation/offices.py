"""The three agents of a simulation: their real services, with minds of the simulation's own."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from services.dev_agent import app as dev
from services.dev_agent.handlers import Handlers as DevHandlers
from services.dev_agent.settings import Settings as DevSettings
from services.pm_agent import app as pm
from services.pm_agent.handlers import Handlers as PmHandlers
from services.pm_agent.settings import Settings as PmSettings
from services.qa_agent import app as qa
from services.qa_agent.handlers import Handlers as QaHandlers
from services.qa_agent.settings import Settings as QaSettings
from shared.agents import Agent, Tools, assemble
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.git.mirrors import mirrors
from shared.jobs import JobContext, Outcome
from shared.messages.draft import (
    ChangeProposed,
    IssuesProposed,
    ReviewProposed,
    RunFinished,
    RunProgressed,
)
from shared.runs import RunJob
from tests.simulation.thinking import Mind, change, propose, review


@dataclass(frozen=True)
class PmRuns:
    """pm-agent's way to carry out runs."""

    agent: Agent[Tools]
    mind: Mind

    async def carry_out(
        self, job: RunJob, at: JobContext
    ) -> Outcome[IssuesProposed | RunFinished | RunProgressed]:
        """One generation of a run, to one of its ends."""
        work = partial(propose, mind=self.mind, tools=self.agent.tools)
        return await self.agent.supervisor.carry_out(job, at, work, drafts=IssuesProposed)


@dataclass(frozen=True)
class DevRuns:
    """dev-agent's way to carry out runs."""

    agent: Agent[Tools]
    mind: Mind

    async def carry_out(
        self, job: RunJob, at: JobContext
    ) -> Outcome[ChangeProposed | RunFinished | RunProgressed]:
        """One generation of a run, to one of its ends."""
        work = partial(change, mind=self.mind, tools=self.agent.tools)
        return await self.agent.supervisor.carry_out(job, at, work, drafts=ChangeProposed)


@dataclass(frozen=True)
class QaRuns:
    """qa-agent's way to carry out runs."""

    agent: Agent[Tools]
    mind: Mind

    async def carry_out(
        self, job: RunJob, at: JobContext
    ) -> Outcome[ReviewProposed | RunFinished | RunProgressed]:
        """One generation of a run, to one of its ends."""
        work = partial(review, mind=self.mind, tools=self.agent.tools)
        return await self.agent.supervisor.carry_out(job, at, work, drafts=ReviewProposed)


class NoSandbox:
    """No program runs in a simulation."""

    name = "none"
    isolation = "nothing runs"

    def path(self, workspace: Path) -> str:
        """Nowhere."""
        raise NotImplementedError

    async def run(self, command: object) -> object:
        """Nothing."""
        raise NotImplementedError


@dataclass(frozen=True)
class Office:
    """What every agent of a simulation is built from."""

    state: Path
    git_url: str
    clock: Clock
    mind: Mind

    def build(self, name: str, driver: Driver) -> Service:
        """One agent, ready to start; its handlers are the real ones."""
        folder = self.state / name
        tools = Tools(
            mirrors(folder / "mirrors", self.git_url, None),
            NoSandbox(),  # type: ignore[arg-type]  # nobody runs anything
            folder / "scratch",
        )
        if name == pm.NAME:
            agent = assemble(name, PmSettings(state=self.state), driver, self.clock, tools=tools)
            of_pm = PmHandlers(agent.holder)
            agent.service.hears(of_pm.propose)
            agent.service.hears(of_pm.stop, every_instance=True)
            return agent.carries_out(PmRuns(agent, self.mind).carry_out)
        if name == dev.NAME:
            agent = assemble(name, DevSettings(state=self.state), driver, self.clock, tools=tools)
            of_dev = DevHandlers(agent.holder)
            agent.service.hears(of_dev.implement, of_dev.revise)
            agent.service.hears(of_dev.stop, every_instance=True)
            return agent.carries_out(DevRuns(agent, self.mind).carry_out)
        agent = assemble(qa.NAME, QaSettings(state=self.state), driver, self.clock, tools=tools)
        of_qa = QaHandlers(agent.holder)
        agent.service.hears(of_qa.review)
        agent.service.hears(of_qa.stop, every_instance=True)
        return agent.carries_out(QaRuns(agent, self.mind).carry_out)
