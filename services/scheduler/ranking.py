"""Which wanted runs are dispatched now, in which order, and what holds the others. Pure: a function
of what waits and what there is room for."""

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

RUNS = "{limit} of {limit} runs of this repository are under way (limits.concurrent_runs)"
FLEET = (
    "{limit} of {limit} runs of the whole fleet are under way (GATEFLEET_SCHEDULER_CONCURRENT_RUNS)"
)
BUSY = "another run of this issue is under way"
PULLS = "{limit} of {limit} pull requests are open (limits.open_pull_requests)"
PULLS_WORDS = "merge or close one, or raise it in .gatefleet.yml"
OLD = (
    "pull request #{number} has waited for people since {since:%Y-%m-%d} (limits.pull_request_wait)"
)
OLD_WORDS = "merge or close #{number}, or raise it in .gatefleet.yml"


@dataclass(frozen=True)
class Held:
    """What holds a run back, in one line, the words that continue it, and until when, if by time."""

    why: str
    words: str = ""
    until: datetime | None = None
    turn: bool = False
    """True: those before it must end, and nothing else. Without words: it waits for no person."""


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
    held: Held | None = None
    """What holds this one in particular: its issue rests, the repository is stopped."""


@dataclass(frozen=True)
class Places:
    """How many there may be, and how many more that leaves."""

    limit: int
    left: int


@dataclass(frozen=True)
class Old:
    """A pull request that has waited for people for longer than the policy allows."""

    number: int
    since: datetime


@dataclass(frozen=True)
class Room:
    """What there is room for."""

    runs: Places
    """Runs of this repository."""
    fleet: Places
    """Runs of all repositories."""
    pull_requests: Places
    """Pull requests that may be opened."""
    busy: frozenset[int] = frozenset()
    """Issues with a live run: one at a time (I-20)."""
    old: Old | None = None
    """The oldest pull request that waits for people for too long."""


@dataclass(frozen=True)
class Decision:
    """A candidate, and what holds it; None: it goes now."""

    candidate: Candidate
    held: Held | None


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


def decide(candidates: Sequence[Candidate], room: Room) -> list[Decision]:
    """Every candidate with what holds it: first those that go or wait for their turn, then those
    that something else must happen for."""
    taken = _Taken(set(room.busy))
    decisions = [
        Decision(candidate, taken.holds(candidate, room)) for candidate in in_order(candidates)
    ]
    return sorted(decisions, key=lambda each: each.held is not None and not each.held.turn)


@dataclass
class _Taken:
    """What those that go before have taken of the room."""

    busy: set[int]
    runs: int = 0
    pull_requests: int = 0

    def holds(self, candidate: Candidate, room: Room) -> Held | None:
        held = candidate.held or self._begun(candidate, room) or self._turn(candidate, room)
        if held is None:
            self.runs += 1
            self.pull_requests += candidate.kind is RunKind.IMPLEMENTATION
            if candidate.issue is not None:
                self.busy.add(candidate.issue)
        return held

    def _begun(self, candidate: Candidate, room: Room) -> Held | None:
        """Something new is not begun while too much of the old waits."""
        if candidate.kind is not RunKind.IMPLEMENTATION:
            return None
        if room.old is not None:
            why = OLD.format(number=room.old.number, since=room.old.since)
            return Held(why, OLD_WORDS.format(number=room.old.number))
        if self.pull_requests >= room.pull_requests.left:
            return Held(PULLS.format(limit=room.pull_requests.limit), PULLS_WORDS)
        return None

    def _turn(self, candidate: Candidate, room: Room) -> Held | None:
        if candidate.issue is not None and candidate.issue in self.busy:
            return Held(BUSY, turn=True)
        if self.runs >= room.runs.left:
            return Held(RUNS.format(limit=room.runs.limit), turn=True)
        if self.runs >= room.fleet.left:
            return Held(FLEET.format(limit=room.fleet.limit), turn=True)
        return None
