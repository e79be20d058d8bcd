"""Which wanted runs are dispatched now: a pure function of what waits and what there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.messages.content import RunKind

_STARTED_FIRST = {
    RunKind.REVIEW: 0,
    RunKind.REVISION: 0,
    RunKind.IMPLEMENTATION: 1,
    RunKind.PROPOSALS: 2,
}


@dataclass(frozen=True)
class Candidate:
    """A run that is wanted."""

    run: UUID
    kind: RunKind
    issue: int | None
    rank: int
    """Of the issue's priority label: 0 is most urgent."""
    since: datetime
    """When the issue was approved; for proposals, when they were asked for."""
    wanted_at: datetime


@dataclass(frozen=True)
class Room:
    """What there is room for."""

    runs: int
    """Free places for runs of this repository."""
    pull_requests: int
    """How many more pull requests may be opened."""
    busy: frozenset[int]
    """Issues with a live run: one at a time (I-20)."""


def in_order(candidates: Sequence[Candidate]) -> list[Candidate]:
    """By priority, then what was begun before what was not, then by age of the approval; ties by
    number, so that the order is the same each time."""
    return sorted(
        candidates,
        key=lambda c: (
            c.rank,
            _STARTED_FIRST[c.kind],
            c.since,
            c.wanted_at,
            c.issue or 0,
            str(c.run),
        ),
    )


def choose(candidates: Sequence[Candidate], room: Room) -> list[Candidate]:
    """Those that are dispatched now, in order."""
    chosen: list[Candidate] = []
    busy = set(room.busy)
    new_pull_requests = 0
    for candidate in in_order(candidates):
        if len(chosen) >= room.runs:
            break
        if candidate.issue is not None and candidate.issue in busy:
            continue
        if candidate.kind is RunKind.IMPLEMENTATION:
            if new_pull_requests >= room.pull_requests:
                continue
            new_pull_requests += 1
        chosen.append(candidate)
        if candidate.issue is not None:
            busy.add(candidate.issue)
    return chosen
