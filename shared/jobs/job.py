"""What a job is, and what the function that carries it out is given and returns."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Never, TypeAlias, TypeVar
from uuid import UUID

from shared.clock import Clock
from shared.messages import Message, Value
from shared.store import Handling


class Job(Value):
    """A piece of work that is slow or reaches outside. Idempotent by its name.

    `coalesce`: asked again while it waits, it is one job; asked while it runs, it runs once more
    afterwards; asked after it was done, it is done again. Without it, a name is done once for ever.
    """

    kind: ClassVar[str]
    lane: ClassVar[str] = "default"
    coalesce: ClassVar[bool] = False

    @abstractmethod
    def name(self) -> str:
        """What makes a repeat of it the same job: `publish:<run>`."""

    def correlation(self) -> str:
        """The story it belongs to; empty: that of the message that led to it."""
        return ""


Said: TypeAlias = Sequence[Message | Job]
"""What a handling says: messages for the outbox, jobs for the job table."""

T = TypeVar("T", bound=Message | Job, covariant=True)

Outcome: TypeAlias = Callable[[Handling], Sequence[T]]
"""What a job returns: a plain function that is run in the transaction that ends the job."""


def nothing(_at: Handling) -> list[Never]:
    """The outcome of a job that has nothing to record."""
    return []


@dataclass(frozen=True)
class JobContext:
    """What a job's function is given beside the job."""

    id: UUID
    """Of this turn of the job: ids of what it says are computed from it."""
    correlation: str
    attempt: int
    """1 for the first."""
    clock: Clock
    commit: Callable[[Callable[[Handling], Said]], Awaitable[None]]
    """Record and say something before the job ends, in a transaction of its own."""
