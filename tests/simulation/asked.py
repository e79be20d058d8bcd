"""What a simulation is asked, and what it tells."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.simulation.acting import Act
from tests.simulation.building import SERVICES, DeskMaker


@dataclass(frozen=True)
class Asked:
    """What to simulate."""

    seed: str
    acts: Sequence[Act]
    desk: DeskMaker = lambda desk: desk
    services: tuple[str, ...] = SERVICES
    rebuilds: bool = False
    """Whether databases are deleted at the end, and everything is told anew."""
    trace: Callable[[str], None] = lambda line: None


@dataclass
class Told:
    """How it went."""

    seed: str
    steps: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    failure: str = ""
    lines: list[str] = field(default_factory=list)
    acts: int = 0
    virtual_s: float = 0.0
    digest: int = 0
    """Of everything that happened, in its order: two runs of one seed have the same."""
