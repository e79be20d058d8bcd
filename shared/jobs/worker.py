"""Carries out jobs: picks up, keeps the heartbeat, tries again, gives up, resumes after a crash."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.clock import Clock
from shared.errors import BadInput, Held, Missing, Refused, TryLater
from shared.jobs import rows
from shared.jobs.commit import Committed, Sealed, Speaker, commit_and_tell
from shared.jobs.job import JobContext, Outcome, Said
from shared.jobs.picked import Picked
from shared.jobs.registry import Duty
from shared.jobs.tracing import job_span, job_trace
from shared.store import Handling, Store, is_the_stores
from shared.watching import Counted, Recorder, Spread, about
from shared.watching.counts import SECONDS

log = structlog.get_logger()

DONE, LATER, FAILED, CRASHED = "done", "later", "failed", "crashed"
"""How an attempt ends."""
BEAT_S = 15.0
LONGEST_WAIT_S = 60.0
STORE_WAIT_S = 1.0
SET_BACK_S = 2.0
"""A wall clock that is corrected by less than this is none that jumps."""
CRASHES = 5
"""After so many unexpected errors a job is given up; what is temporary is tried for ever."""


class Worker:
    """One service's worker: every lane has its own number of places, 1 unless said otherwise."""

    def __init__(
        self, speaker: Speaker, store: Store, clock: Clock, *, holder: str,
        duties: Mapping[str, Duty],
    ) -> None:  # fmt: skip
        self.holder = holder
        self.lanes: dict[str, int] = {duty.job.lane: 1 for duty in duties.values()}
        self._speaker = speaker
        self._store = store
        self._clock = clock
        self._duties = duties
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._wake = asyncio.Event()
        self._offset: float | None = None
        self._loop: list[asyncio.Task[None]] = []
        self.committed: Committed = lambda _: None
        """The service sends what was said."""
        self.recorder: Recorder | None = None
        self.ends: Counted[tuple[str, str]] = Counted()
        """How often an attempt at a job of a kind was done, later, failed, crashed."""
        self.seconds: dict[str, Spread] = {}
        """Of attempts, by kind."""

    async def start(self) -> None:
        """Queue again what this holder had running before, and begin."""
        if not self._duties:
            return
        await self._store.run(lambda session: rows.reclaim(session, self.holder))
        self._loop = [asyncio.create_task(self._run()), asyncio.create_task(self._keep_beating())]

    async def stop(self, grace_s: float = 0.0) -> None:
        """Take nothing new; give what runs `grace_s` to end, then stop it: it is resumed at start."""
        for task in self._loop:
            task.cancel()
        running = [task for _, task in self._running.values()]
        if running and grace_s > 0:
            await asyncio.wait(running, timeout=grace_s)
        for task in running:
            task.cancel()
        await asyncio.gather(*self._loop, *running, return_exceptions=True)

    def tasks(self) -> list[asyncio.Task[None]]:
        """What must not end before `stop`."""
        return self._loop

    def wake(self) -> None:
        """A job may have been committed: look now."""
        self._wake.set()

    async def idle(self, *, beyond_s: float | None = None) -> bool:
        """Nothing runs and nothing is queued; `beyond_s`: nothing that is due within so many seconds."""

        def left(session: Session) -> int:
            if beyond_s is None:
                return rows.open_jobs(session)
            later = self._clock.now() + timedelta(seconds=beyond_s)
            return rows.open_jobs(session) - len(rows.put_off(session, later))

        return not self._running and await self._store.run(left) == 0

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            picked, wait_s = await self._look()
            for job in picked:
                task = asyncio.create_task(self._carry_out(job))
                self._running[job.name] = (job.lane, task)
            await self._sleep(wait_s)

    async def _look(self) -> tuple[list[Picked], float]:
        busy = [lane for lane, _ in self._running.values()]
        free = {lane: room - busy.count(lane) for lane, room in self.lanes.items()}

        def work(session: Session) -> tuple[list[Picked], float]:
            now = self._clock.now()
            if self._was_set_back(now):
                rows.bring_forward(session, now)
            picked = rows.pick(session, free, self.holder, now) if any(free.values()) else []
            due = rows.next_due(session, now)
            wait = LONGEST_WAIT_S if due is None else (due - now).total_seconds()
            return picked, min(wait, LONGEST_WAIT_S)

        try:
            return await self._store.run(work)
        except DBAPIError as error:
            log.warning(
                "store_unavailable", holder=self.holder, error=str(error.orig), next="try again"
            )
            return [], STORE_WAIT_S

    def _was_set_back(self, now: datetime) -> bool:
        """Whether the wall clock went back against the one that never does, since the last look.

        Times by which something is tried again would then lie as far in the future.
        """
        offset = now.timestamp() - self._clock.monotonic()
        before, self._offset = self._offset, offset
        return before is not None and offset < before - SET_BACK_S

    async def _sleep(self, seconds: float) -> None:
        timer = asyncio.ensure_future(self._clock.sleep(seconds))
        woken = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({timer, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            woken.cancel()

    async def _keep_beating(self) -> None:
        while True:
            await self._clock.sleep(BEAT_S)
            names = list(self._running)
            try:
                await self._store.run(lambda session: rows.beat(session, names, self._clock.now()))  # noqa: B023
            except DBAPIError as error:
                log.warning("store_unavailable", holder=self.holder, error=str(error.orig),
                            next="at the next beat")  # fmt: skip

    async def _carry_out(self, job: Picked) -> None:
        began, end, why = self._clock.now(), "", ""
        try:
            with about(job):
                end, why = await self._to_an_end(job)
        except asyncio.CancelledError:
            raise  # a stop: the row stays as it is and is resumed
        finally:
            if end:
                self._count(job, began, end, why)
            self._running.pop(job.name, None)
            self.wake()

    async def _to_an_end(self, job: Picked) -> tuple[str, str]:
        """One attempt: how it ended, and why where it is not done."""
        began = self._clock.monotonic()
        try:
            outcome = await self._attempt(job)
            await self._end(job, outcome)
            log.info("job_done", job=job.name, attempt=job.attempts,
                     seconds=round(self._clock.monotonic() - began, 3))  # fmt: skip
            return DONE, ""
        except TryLater as error:
            await self._later(job, error, crashed=False)
            return LATER, str(error)
        except (Refused, BadInput, Missing) as error:
            await self._give_up(job, str(error))
            return FAILED, str(error)
        except Exception as error:  # the one place for what nobody expected
            return await self._crashed(job, error), repr(error)

    def _count(self, job: Picked, began: datetime, end: str, why: str) -> None:
        now = self._clock.now()
        self.ends[job.kind, end] += 1
        spread = self.seconds.setdefault(job.kind, Spread(SECONDS))
        spread.note((now - began).total_seconds())
        if self.recorder is not None:
            self.recorder.record(job, now, lambda: job_span(self._speaker, job, (began, now), why))

    async def _crashed(self, job: Picked, error: Exception) -> str:
        words = f"{type(error).__name__}: {error}"
        if is_the_stores(error):  # nobody's fault, so not counted
            await self._later(job, TryLater(words), crashed=False)
            return LATER
        log.exception("job_crashed", job=job.name, exc_info=error)
        if job.crashes + 1 >= CRASHES:
            await self._give_up(job, words)
            return FAILED
        await self._later(job, TryLater(words), crashed=True)
        return CRASHED

    async def _attempt(self, job: Picked) -> Outcome[Any]:
        duty = self._duties.get(job.kind)
        if duty is None:
            raise Refused(f"{job.name}: nobody here carries out {job.kind!r}")
        steps = iter(range(1_000_000))

        async def commit(outcome: Callable[[Handling], Said]) -> None:
            cause = uuid5(job.id, f"{job.attempts} {next(steps)}")
            await self._commit(job, cause, outcome, duty)

        context = JobContext(job.id, job.correlation, job.attempts, self._clock, commit)
        return await duty.work(duty.job.model_validate_json(job.payload), context)

    async def _end(self, job: Picked, outcome: Outcome[Any]) -> None:
        allowed = self._duties[job.kind].says

        def ended(session: Session) -> Sealed | None:
            if not rows.still_mine(session, job):
                log.warning("job_taken_over", job=job.name, next="its outcome here is dropped")
                return None
            at = self._handling(session, job, job.id)
            rows.finish(session, job, at.now)
            return self._speaker.commit(outcome(at), at, allowed=allowed)

        await self._record(ended)  # what took long to do is not done again because a store was away

    async def _commit(
        self, job: Picked, cause: UUID, outcome: Callable[[Handling], Said], duty: Duty
    ) -> None:
        def work(session: Session) -> Sealed:
            at = self._handling(session, job, cause)
            return self._speaker.commit(outcome(at), at, allowed=duty.says)

        await commit_and_tell(self._store, work, self.committed)

    def _handling(self, session: Session, job: Picked, cause: UUID) -> Handling:
        return Handling(
            session, self._clock.now(), cause, job.correlation,
            trace=job_trace(self._speaker, job), cause=job.cause,
        )  # fmt: skip

    async def _later(self, job: Picked, error: TryLater, *, crashed: bool) -> None:
        wait = min(LONGEST_WAIT_S, 0.5 * 2 ** min(job.attempts - 1, 10))
        if error.after is not None:
            wait = max(wait, min(error.after.total_seconds(), 3600.0))
        until = self._clock.now() + timedelta(seconds=wait)
        log.info("job_later", job=job.name, error=str(error), next=f"again in {wait:.1f} s")
        held = isinstance(error, Held)
        await self._record(
            lambda s: rows.postpone(
                s, job, until=until, error=str(error), crashed=crashed, held=held
            )
        )

    async def _give_up(self, job: Picked, reason: str) -> None:
        log.warning("job_failed", job=job.name, reason=reason)
        try:
            await self._record(lambda session: self._fail(session, job, reason, tell=True))
        except Exception:  # what should tell of the end failed itself: the job has ended anyhow
            log.exception("job_end_untold", job=job.name)
            await self._record(lambda session: self._fail(session, job, reason, tell=False))

    def _fail(self, session: Session, job: Picked, reason: str, *, tell: bool) -> Sealed | None:
        if not rows.still_mine(session, job):
            return None
        at = self._handling(session, job, job.id)
        rows.fail(session, job, error=reason, now=at.now)
        duty = self._duties.get(job.kind)
        if tell and duty is not None and duty.gave_up is not None:
            said = duty.gave_up(duty.job.model_validate_json(job.payload), reason, at)
            return self._speaker.commit(said, at)
        return None

    async def _record(self, work: Callable[[Session], Sealed | None]) -> None:
        """Commit how an attempt ended, as soon as the store takes it: else it would look like one
        that still runs, for as long as this process lives."""
        while True:
            try:
                return await commit_and_tell(self._store, work, self.committed)
            except DBAPIError as error:
                if not is_the_stores(error):
                    raise
                log.warning("store_unavailable", holder=self.holder, error=str(error.orig),
                            next="again in 1 s")  # fmt: skip
            await self._clock.sleep(STORE_WAIT_S)
