"""The steps of an issue, from what was said of it. Pure: times in seconds of any one clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.gate import (
    IssueApproved,
    PullRequestClosed,
    PullRequestEvaluated,
    PullRequestOpened,
    PullRequestUpdated,
    ReviewPosted,
)
from shared.messages.work import ImplementationRequested, ReviewRequested, RevisionRequested

APPROVED, REQUESTED, PICKED_UP, DRAFTED = "approved", "requested", "picked up", "drafted"
PUSHED, REVIEW_REQUESTED, REVIEW_PICKED_UP = "pushed", "review requested", "review picked up"
REVIEW_DRAFTED, REVIEW_POSTED, READY, CLOSED = (
    "review drafted", "review posted", "gate 2 open", "closed",
)  # fmt: skip
PERSON = "a person merges"

_SIMPLE = {
    IssueApproved.topic: APPROVED,
    ImplementationRequested.topic: REQUESTED,
    RevisionRequested.topic: REQUESTED,
    ReviewRequested.topic: REVIEW_REQUESTED,
    PullRequestOpened.topic: PUSHED,
    PullRequestUpdated.topic: PUSHED,
    ReviewPosted.topic: REVIEW_POSTED,
}


@dataclass(frozen=True)
class Event:
    """One message as it was heard."""

    at: float
    topic: str
    sender: str
    correlation: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """From one moment of an issue to the next."""

    name: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


def steps(events: Iterable[Event]) -> list[Step]:
    """The steps of one issue from its approval to its merge, in their order, without gaps.

    Between an open gate 2 and the merge a person has the word: that step is named for it.
    """
    moments = _moments(sorted(events, key=lambda event: event.at))
    made: list[Step] = []
    for (name, began), (following, ended) in pairwise(moments):
        made.append(Step(f"{name} → {following}", began, max(began, ended)))
    return made


def _moments(events: list[Event]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    picked: set[str] = set()
    ready: float | None = None
    for event in events:
        name = _SIMPLE.get(event.topic)
        if event.topic == RunProgressed.topic and event.body["run"] not in picked:
            picked.add(event.body["run"])
            name = PICKED_UP if event.sender == "dev-agent" else REVIEW_PICKED_UP
        elif event.topic == RunFinished.topic:
            name = DRAFTED if event.sender == "dev-agent" else REVIEW_DRAFTED
        elif event.topic == PullRequestEvaluated.topic and event.body["open"] and ready is None:
            ready = event.at
        elif event.topic == PullRequestClosed.topic:
            last = found[-1][1] if found else event.at
            found += [(READY, max(last, ready or last)), (CLOSED, event.at)]
            return found
        if name is not None and (found or name == APPROVED):
            found.append((name, event.at))
    return []  # not merged
