"""Which function carries out which job, and what each may say."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from shared.jobs.job import Job, JobContext, Outcome, Said
from shared.messages import Message
from shared.store import Handling

GaveUp: TypeAlias = Callable[[Any, str, Handling], Said]
"""Called in the transaction that ends a job as failed: job, reason in words, handling."""


@dataclass(frozen=True)
class Duty:
    """A job's class, the function that carries it out, and what it may say."""

    job: type[Job]
    work: Callable[[Any, JobContext], Awaitable[Outcome[Any]]]
    says: frozenset[type[Message | Job]]
    gave_up: GaveUp | None = None
