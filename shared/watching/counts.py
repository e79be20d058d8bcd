"""Numbers that whoever works keeps in plain fields, and whoever watches reads when he wants to."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 600.0, 3600.0)
LAGS = (0.01, 0.05, 0.2, 1.0, 5.0, 30.0, 120.0, 600.0, 3600.0, 86400.0)
SIZES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


class Spread:
    """How values spread: how many were at most each bound, their number and their sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.within = [0] * (len(bounds) + 1)
        """Of each bound by itself; the last: over all of them."""
        self.sum = 0.0

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.within)

    def note(self, value: float, times: int = 1) -> None:
        """Add a value that came so many times."""
        self.within[bisect_left(self.bounds, value)] += times
        self.sum += value * times


class Counted(defaultdict[K, int]):
    """How often each was seen."""

    def __init__(self) -> None:
        super().__init__(int)
