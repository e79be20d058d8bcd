"""Carries a run out: keeps the lease, watches clock and cancellation, says how it ended."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias, TypeVar

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.errors import BadInput, Missing, Refused, TryLater
from shared.jobs import JobContext, Outcome, Said
from shared.messages.content import RunEnd, Usage
from shared.messages.draft import (
    ChangeProposed,
    IssuesProposed,
    ReviewProposed,
    RunFinished,
    RunProgressed,
)
from shared.runs.ends import Drafted, Ended
from shared.runs.job import RunJob
from shared.runs.live import LiveRun
from shared.runs.showing import RunCounts
from shared.runs.tables import CANCELLED, RUNS
from shared.store import Handling, Migrations, Store, is_the_stores

log = structlog.get_logger()

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "version_runs")
LOOK_EVERY_S = 0.5
TRIES = 3
"""Of what is temporary, by this holder; then the run is interrupted and the scheduler decides."""

Work: TypeAlias = Callable[[LiveRun], Awaitable[Drafted | Ended]]

D = TypeVar("D", IssuesProposed, ChangeProposed, ReviewProposed)
"""The one kind of draft that an agent makes."""

OTHER_DRAFT = "{holder} drafted {found}; its runs say {drafts}"


@dataclass
class Supervisor:
    """One agent instance's way to carry out runs."""

    holder: str
    store: Store
    counts: RunCounts = field(default_factory=RunCounts)

    async def carry_out(
        self, job: RunJob, at: JobContext, work: Work, *, drafts: type[D]
    ) -> Outcome[D | RunFinished | RunProgressed]:
        """Run `work` under the lease. Whatever happens, the outcome is a `draft.run.finished`.

        `drafts`: what its result is; another draft than that is a TypeError.
        """
        request = job.request()
        if await self._lost_lease(job, at, request.lease_s):
            what = "was away" if at.attempt > 1 else "had it waiting"
            reason = f"{self.holder} {what} for longer than its lease"
            return self._finish(job, Ended(RunEnd.INTERRUPTED, reason), drafts)

        async def say(phase: str, line: str, usage: Usage) -> None:
            await at.commit(lambda handling: self._progress(job, handling, phase, line, usage))

        live = LiveRun(request, at.clock.now, say)
        if at.attempt > 1:
            await live.progress("resumed", f"{self.holder} starts again after an interruption")
        end = await self._watched(job, at, live, work)
        return self._finish(job, end, drafts)

    async def _watched(
        self, job: RunJob, at: JobContext, live: LiveRun, work: Work
    ) -> Drafted | Ended:
        working = asyncio.ensure_future(work(live))
        watching = asyncio.ensure_future(self._watch(job, at, live))
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
                return watching.result()
            return working.result()
        except (Refused, BadInput, Missing) as error:
            return Ended(RunEnd.DECLINED, str(error), live.usage)
        except TryLater as error:
            if at.attempt >= TRIES:
                return Ended(RunEnd.INTERRUPTED, str(error), live.usage)
            raise
        finally:
            for task in (working, watching):
                task.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)

    async def _watch(self, job: RunJob, at: JobContext, live: LiveRun) -> Ended:
        """Returns when the work must stop: cancelled, or out of time."""
        deadline = at.clock.monotonic() + live.request.limits.timeout_s
        renew_s = live.request.lease_s / 3
        renewed = at.clock.monotonic()
        while True:
            now = at.clock.monotonic()
            try:
                reason = await self.store.run(lambda session: _cancelled(session, job))
                if reason is not None:
                    return Ended(RunEnd.CANCELLED, reason, live.usage)
                if now - renewed >= renew_s:
                    await live.say(live.phase, live.line, live.usage)
                    renewed = now
            except DBAPIError as error:  # long work does not end because a store was away a while
                if now - renewed > live.request.lease_s or not is_the_stores(error):
                    raise
                log.warning("store_unavailable", holder=self.holder, error=str(error.orig),
                            next="at the next look")  # fmt: skip
            if now >= deadline:
                reason = f"not done within {live.request.limits.timeout_s:g} s"
                return Ended(RunEnd.TIMED_OUT, reason, live.usage)
            await at.clock.sleep(LOOK_EVERY_S)

    async def _lost_lease(self, job: RunJob, at: JobContext, lease_s: float) -> bool:
        def said_at(session: Session) -> datetime | None:
            found: datetime | None = session.scalar(
                select(RUNS.c.said_at).where(
                    RUNS.c.run == job.run, RUNS.c.generation == job.generation
                )
            )
            return found

        last = await self.store.run(said_at)
        if last is None:
            # a newer generation is here: one that has not begun is told that it is cancelled
            return at.attempt > 1
        return at.clock.now() - last > timedelta(seconds=lease_s)

    def _progress(
        self, job: RunJob, at: Handling, phase: str, line: str, usage: Usage
    ) -> list[RunProgressed]:
        mine = (RUNS.c.run == job.run) & (RUNS.c.generation == job.generation)
        at.session.execute(update(RUNS).where(mine).values(said_at=at.now))
        return [
            RunProgressed(
                repo=job.request().repo, run=job.run, generation=job.generation, kind=job.work,
                holder=self.holder, issue=job.issue, phase=phase, line=line, usage=usage,
            )
        ]  # fmt: skip

    def _finish(
        self, job: RunJob, end: Drafted | Ended, drafts: type[D]
    ) -> Outcome[D | RunFinished | RunProgressed]:
        draft = self._draft_of(end, drafts)
        ended_as = RunEnd.DONE if isinstance(end, Drafted) else end.end
        self.counts.ended(job.work, ended_as, end.usage)

        def outcome(at: Handling) -> list[D | RunFinished | RunProgressed]:
            finished = RunFinished(
                repo=job.request().repo, run=job.run, generation=job.generation, kind=job.work,
                holder=self.holder, issue=job.issue,
                end=ended_as,
                reason=end.reason, drafted=draft is not None, usage=end.usage,
                until=None if isinstance(end, Drafted) else end.until,
            )  # fmt: skip
            _remember_end(at, job, finished)
            return [finished] if draft is None else [draft, finished]

        return outcome

    def _draft_of(self, end: Drafted | Ended, drafts: type[D]) -> D | None:
        if not isinstance(end, Drafted):
            return None
        if not isinstance(end.draft, drafts):
            found = type(end.draft).__name__
            raise TypeError(
                OTHER_DRAFT.format(holder=self.holder, found=found, drafts=drafts.__name__)
            )
        return end.draft


def gave_up(holder: str) -> Callable[[RunJob, str, Handling], Said]:
    """For a run whose job crashed too often: it ends as declined, with the reason."""

    def give_up(job: RunJob, reason: str, at: Handling) -> list[RunFinished]:
        finished = RunFinished(
            repo=job.request().repo, run=job.run, generation=job.generation, kind=job.work,
            holder=holder, issue=job.issue, end=RunEnd.DECLINED, reason=reason, drafted=False,
            usage=Usage(known=False),
        )  # fmt: skip
        _remember_end(at, job, finished)
        return [finished]

    return give_up


def _remember_end(at: Handling, job: RunJob, finished: RunFinished) -> None:
    """In the transaction that says it."""
    mine = (RUNS.c.run == job.run) & (RUNS.c.generation == job.generation)
    body = finished.model_dump_json()
    at.session.execute(
        update(RUNS).where(mine).values(state="ended", said_at=at.now, finished=body)
    )


def _cancelled(session: Session, job: RunJob) -> str | None:
    """Why this generation must stop: it was cancelled, or a newer one is here."""
    row = session.execute(
        select(CANCELLED.c.generation, CANCELLED.c.reason).where(CANCELLED.c.run == job.run)
    ).first()
    if row is not None and row.generation >= job.generation:
        return str(row.reason)
    newest = session.scalar(select(RUNS.c.generation).where(RUNS.c.run == job.run))
    if newest is not None and newest > job.generation:
        return "a newer generation of this run was dispatched"
    return None
