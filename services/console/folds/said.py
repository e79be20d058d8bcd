"""A message with what rides beside it: what a fold is given."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.console.registers import Stamp, micros
from shared.messages import Message


@dataclass(frozen=True)
class Said:
    """One message, as it was said."""

    message: Message
    at: datetime
    """When its sender said it."""
    id: UUID

    @property
    def micros(self) -> int:
        """The same time as a number."""
        return micros(self.at)

    def stamp(self, *rank: int) -> Stamp:
        """Later than another if `rank` is higher, then if it was said later."""
        return Stamp((*rank, self.micros), self.id.hex)
