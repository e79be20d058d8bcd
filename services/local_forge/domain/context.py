"""What every part of the domain stands on: the store, the clock, the state folder, the addresses."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.local_forge.shape.links import Links
from services.local_forge.store import Store
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class Context:
    """Built once by the facade and handed to every part."""

    store: Store
    clock: Clock
    state: Path
    links: Links

    def now(self) -> datetime:
        """The clock's wall time, UTC."""
        return self.clock.now()
