"""Jobs: what is slow or reaches outside, committed as a row first and carried out by a worker."""

from shared.jobs.job import Job, JobContext, Outcome, Said, nothing
from shared.jobs.registry import Duty, GaveUp
from shared.jobs.rows import MIGRATIONS, enqueue, release
from shared.jobs.worker import Worker

__all__ = [
    "MIGRATIONS",
    "Duty",
    "GaveUp",
    "Job",
    "JobContext",
    "Outcome",
    "Said",
    "Worker",
    "enqueue",
    "nothing",
    "release",
]
