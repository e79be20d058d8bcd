"""Numbered points: every passing is written down, and at a chosen one the fleet is struck."""

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

HIT = "! "


@dataclass(frozen=True)
class Passing:
    """One point that was passed, at a time of the machine's monotonic clock."""

    at: float
    name: str
    hit: bool
    """Here the fleet was struck."""


class Points:
    """Passed by any thread. `targets`: at which passing of each point to strike, 1 for the first.

    `told`: hears of every point after it was passed.
    """

    def __init__(
        self, record: Path, targets: Mapping[str, int], *,
        strike: Callable[[str], None], told: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self._record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._targets = dict(targets)
        self._strike = strike
        self._told = told
        self._passed: Counter[str] = Counter()
        self._lock = Lock()

    def aim(self, targets: Mapping[str, int]) -> None:
        """From now on, and counted from now on."""
        with self._lock:
            self._targets = dict(targets)
            self._passed.clear()

    def reach(self, name: str) -> bool:
        """Pass a point; True when this was where to strike, and whoever is struck is somebody else."""
        with self._lock:
            self._passed[name] += 1
            hit = self._targets.get(name) == self._passed[name]
            # One write each, without a buffer of ours: what a killed process wrote stays written.
            mark = HIT if hit else ""
            os.write(self._record, f"{time.monotonic():.6f} {mark}{name}\n".encode())
            if hit:
                self._strike(name)
        if self._told is not None:
            self._told(name)
        return hit


def passed(record: Path) -> list[Passing]:
    """All that were passed, in their order, by however many lives."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    parts = [line.partition(" ") for line in lines]
    return [
        Passing(float(at), name.removeprefix(HIT), name.startswith(HIT)) for at, _, name in parts
    ]


def resumed(passings: Sequence[Passing]) -> dict[str, float]:
    """Of each strike the seconds until work went on: until that point, or one that is new, is passed."""
    found: dict[str, float] = {}
    known: set[str] = set()
    for number, struck in enumerate(passings):
        if struck.hit:
            after = (
                each.at - struck.at
                for each in passings[number + 1 :]
                if each.name == struck.name or each.name not in known
            )
            found[struck.name] = next(after, 0.0)
        known.add(struck.name)
    return found
