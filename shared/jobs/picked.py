"""A row of the job table as a worker has it in hand."""

from dataclasses import dataclass
from uuid import UUID, uuid5

_SPACE = UUID("6d0f7a52-7d0b-5a3c-9f0e-0a6b2f6c8e11")


@dataclass(frozen=True)
class Picked:
    """A row that this worker is to carry out."""

    name: str
    kind: str
    lane: str
    payload: str
    turn: int
    attempts: int
    crashes: int
    correlation: str
    trace: str
    cause: UUID | None
    """The message or timer that asked for it last."""

    @property
    def id(self) -> UUID:
        """Of this turn: what the job says in it takes its ids from here."""
        return uuid5(_SPACE, f"{self.name}\n{self.turn}")
