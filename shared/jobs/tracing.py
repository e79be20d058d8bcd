"""The span of an attempt at a job."""

from datetime import datetime

from shared.jobs.commit import Speaker
from shared.jobs.picked import Picked
from shared.messages.trace import read_trace, span_of, went_on
from shared.watching import Span


def job_trace(speaker: Speaker, job: Picked) -> str:
    """The traceparent under which this attempt is carried out; a timer's job begins a trace."""
    span = span_of(speaker.name, speaker.instance, job.id, job.attempts)
    return went_on(job.trace, job.id, span)


def job_span(speaker: Speaker, job: Picked, times: tuple[datetime, datetime], error: str) -> Span:
    """From the pickup to the end of one attempt; its parent is what asked for the job."""
    said: dict[str, str | int] = {
        "gatefleet.job": job.name, "gatefleet.correlation": job.correlation,
        "gatefleet.attempt": job.attempts,
    }  # fmt: skip
    parent = str(read_trace(job.trace) or "")
    place = job_trace(speaker, job)
    return Span(f"job {job.kind}", "internal", place, parent, *times, says=said, error=error)
