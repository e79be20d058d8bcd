"""What can be read of a process: a metric's name and meaning, and readings of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from shared.watching.counts import Spread


@dataclass(frozen=True)
class Metric:
    """A metric as it is declared once; `service` and `instance` label every one.

    `labels`: those beside them; never an id, a number or a title.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    says: str
    labels: tuple[str, ...] = ()

    def read(self, value: "float | Spread", *labels: str) -> "Reading":
        """What it shows now; `labels` in the order of its own."""
        assert len(labels) == len(self.labels), f"{self.name}: labels are {self.labels}"
        return Reading(self, labels, value)


class Reading(NamedTuple):
    """One value of a metric."""

    metric: Metric
    labels: tuple[str, ...]
    value: float | Spread


Readings: TypeAlias = Iterable[Reading]


class Told(NamedTuple):
    """What a service tells beside what all do. `of`: given a session of its store."""

    metrics: Sequence[Metric]
    of: Callable[..., Readings]
