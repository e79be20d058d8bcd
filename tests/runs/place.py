"""A scheduler that asks and listens, and agents that do what a test says."""

import asyncio
from dataclasses import dataclass, field

import pytest

from shared.bus import Service
from shared.jobs import JobContext, Outcome
from shared.messages.content import RunEnd, RunKind, RunLimits, TestsReport, Usage, Verdict
from shared.messages.draft import ReviewProposed, RunFinished, RunProgressed
from shared.messages.ids import review_run
from shared.messages.work import ReviewRequested, RunCancelled
from shared.runs import (
    MIGRATIONS,
    Drafted,
    Ended,
    LiveRun,
    RunJob,
    Supervisor,
    accept,
    gave_up,
    note_cancellation,
)
from shared.runs.supervising import Work
from shared.store import Handling, Store
from tests.bus.worlds import World
from tests.scheduler.story import POLICY_DIGEST, REPO, TIP, approval, snapshot

HEAD = "a" * 40


def request(generation: int = 1, *, timeout_s: float = 600.0) -> ReviewRequested:
    """A review that is asked for, with a lease of a minute."""
    return ReviewRequested(
        repo=REPO, run=review_run(REPO.id, 107, HEAD, TIP, POLICY_DIGEST), generation=generation,
        lease_s=60.0, limits=RunLimits(timeout_s=timeout_s, bundle_bytes=1), policy={},
        policy_digest=POLICY_DIGEST, default_branch="main", base_sha=TIP, issue=7,
        approval=approval(7), snapshot=snapshot(7), pull_request=107, head=HEAD, tip=TIP, round=1,
    )  # fmt: skip


def draft(live: LiveRun) -> Drafted:
    """What the reviewer came to."""
    assert isinstance(live.request, ReviewRequested)
    return Drafted(
        ReviewProposed(
            repo=REPO, run=live.request.run, generation=live.request.generation, issue=7,
            pull_request=107, head=HEAD, tip=TIP, policy_digest=POLICY_DIGEST,
            verdict=Verdict.PASS, tests=TestsReport(ran=True, ok=True),
        ),
        "it passes", Usage(calls=1),
    )  # fmt: skip


def cancel(generation: int = 1, holder: str | None = None) -> RunCancelled:
    """The scheduler's word."""
    return RunCancelled(
        repo=REPO, run=request().run, generation=generation, issue=7, reason="revoked",
        holder=holder,
    )  # fmt: skip


@dataclass
class Place:
    """A scheduler that asks and listens, and the agents that a test starts."""

    world: World
    scheduler: Service
    heard: list[RunProgressed | RunFinished | ReviewProposed] = field(default_factory=list)

    def agent(self, work: Work, instance: str = "1") -> Service:
        """An agent that does `work`; the same instance has the same store."""
        store = Store(f"sqlite:///{self.world.database(f'qa-{instance}')}")
        made = Service(
            "qa-agent", driver=self.world.make_driver("qa-agent"), store=store,
            clock=self.world.clock, instance=instance, migrations=(MIGRATIONS,),
        )  # fmt: skip
        supervisor = Supervisor(made.worker.holder, store)

        def review(
            message: ReviewRequested, at: Handling
        ) -> list[RunJob | RunProgressed | RunFinished]:
            return accept(message, at, kind=RunKind.REVIEW, holder=supervisor.holder)

        def stop(message: RunCancelled, at: Handling) -> list[RunFinished]:
            return note_cancellation(message, at, holder=supervisor.holder)

        async def carry_out(
            job: RunJob, at: JobContext
        ) -> Outcome[ReviewProposed | RunFinished | RunProgressed]:
            return await supervisor.carry_out(job, at, work, drafts=ReviewProposed)

        made.hears(review)
        made.hears(stop, every_instance=True)
        made.does(carry_out, gave_up=gave_up(supervisor.holder), places=2)
        return made

    async def settle(self, *agents: Service) -> None:
        """Until nothing is left to do."""
        await self.world.settle(self.scheduler, *agents)

    def ends(self) -> list[tuple[int, RunEnd, str]]:
        """How runs ended, as the scheduler heard it."""
        return [
            (each.generation, each.end, each.reason)
            for each in self.heard if isinstance(each, RunFinished)
        ]  # fmt: skip

    def holders(self) -> set[str]:
        """Who said that they had picked something up."""
        return {each.holder for each in self.heard if isinstance(each, RunProgressed)}

    def phases(self) -> list[str]:
        """What was said on the way."""
        return [each.phase for each in self.heard if isinstance(each, RunProgressed)]


@pytest.fixture
def place(memory: World) -> Place:
    """On the memory bus."""
    made = Place(memory, memory.service("scheduler"))

    def progressed(message: RunProgressed, at: Handling) -> None:
        made.heard.append(message)

    def finished(message: RunFinished, at: Handling) -> None:
        made.heard.append(message)

    def drafted(message: ReviewProposed, at: Handling) -> None:
        made.heard.append(message)

    made.scheduler.hears(progressed, finished, drafted)
    return made


async def for_ever(live: LiveRun) -> Ended:
    await asyncio.Event().wait()
    raise AssertionError
