"""Handlers' common part: a request becomes a job row, a cancellation a row that the job looks at."""

from sqlalchemy import delete, insert, select, update

from shared.messages.content import RunKind
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.work import RunCancelled, WorkRequest
from shared.runs.job import RunJob
from shared.runs.tables import CANCELLED, RUNS
from shared.store import Handling

PICKED_UP = "picked up"


def accept(
    request: WorkRequest, at: Handling, *, kind: RunKind, holder: str
) -> list[RunJob | RunProgressed | RunFinished]:
    """Commit the run's job and say that this holder has it: that starts the lease.

    The same generation sent twice is one job, and is said again, in case the first was lost; so is
    the end of one that has ended here. A generation below one that is known here is dropped.
    """
    row = at.session.execute(
        select(RUNS.c.generation, RUNS.c.state, RUNS.c.finished).where(RUNS.c.run == request.run)
    ).first()
    if row is not None and row.generation > request.generation:
        return []
    if row is not None and row.generation == request.generation and row.state == "ended":
        return [RunFinished.model_validate_json(row.finished)] if row.finished else []
    at.session.execute(delete(RUNS).where(RUNS.c.run == request.run))
    at.session.execute(
        insert(RUNS).values(
            run=request.run,
            generation=request.generation,
            state="live",
            said_at=at.now,
            finished="",
        )
    )
    issue = getattr(request, "issue", None)
    job = RunJob(
        run=request.run, generation=request.generation, work=kind, issue=issue,
        topic=request.topic, body=request.model_dump_json(), story=at.correlation,
    )  # fmt: skip
    picked = RunProgressed(
        repo=request.repo, run=request.run, generation=request.generation, kind=kind,
        holder=holder, issue=issue, phase=PICKED_UP, line=f"{holder} has picked it up",
    )  # fmt: skip
    return [job, picked]


def note_cancellation(message: RunCancelled, at: Handling, *, holder: str) -> list[RunFinished]:
    """Remember a cancellation that means this holder; the running job sees it within a second."""
    if message.holder not in (None, holder):
        return []
    known = at.session.scalar(select(CANCELLED.c.generation).where(CANCELLED.c.run == message.run))
    values = {"generation": message.generation, "reason": message.reason}
    if known is None:
        at.session.execute(insert(CANCELLED).values(run=message.run, **values))
    elif known < message.generation:
        at.session.execute(update(CANCELLED).where(CANCELLED.c.run == message.run).values(**values))
    return []
