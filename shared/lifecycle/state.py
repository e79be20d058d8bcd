"""The states of an issue, and what one standing says to people."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class IssueState(StrEnum):
    """Where does this issue stand, as people see it?"""

    PROPOSED = "proposed"
    APPROVED = "approved"
    QUEUED = "queued"
    WORKING = "working"
    IN_REVIEW = "in_review"
    READY = "ready"
    MERGED = "merged"
    DECLINED = "declined"
    REVOKED = "revoked"
    PARKED = "parked"
    TAKEN_OVER = "taken_over"
    NEEDS_PERSON = "needs_person"
    CLOSED = "closed"


FINAL = frozenset({IssueState.MERGED, IssueState.CLOSED, IssueState.DECLINED})
"""States that end the story: no other fact changes them while the issue stays closed."""

STOPPED = frozenset(
    {
        IssueState.DECLINED,
        IssueState.REVOKED,
        IssueState.PARKED,
        IssueState.TAKEN_OVER,
        IssueState.NEEDS_PERSON,
        IssueState.CLOSED,
    }
)
"""States in which the fleet does nothing more by itself, or not yet."""

LABELS: Mapping[IssueState, str] = MappingProxyType(
    {
        IssueState.WORKING: "gatefleet:working",
        IssueState.IN_REVIEW: "gatefleet:review",
        IssueState.READY: "gatefleet:ready",
        IssueState.NEEDS_PERSON: "gatefleet:needs-you",
    }
)
"""The label that pictures a state; the others have none. Labels decide nothing."""

STATE_WORDS: Mapping[IssueState, str] = MappingProxyType(
    {
        IssueState.PROPOSED: "proposed",
        IssueState.APPROVED: "approved",
        IssueState.QUEUED: "queued",
        IssueState.WORKING: "working",
        IssueState.IN_REVIEW: "in review",
        IssueState.READY: "ready to merge",
        IssueState.MERGED: "merged",
        IssueState.DECLINED: "declined",
        IssueState.REVOKED: "revoked",
        IssueState.PARKED: "parked",
        IssueState.TAKEN_OVER: "taken over by a person",
        IssueState.NEEDS_PERSON: "needs a person",
        IssueState.CLOSED: "closed",
    }
)
ROUND_WORDS = "{state} (round {round})"


@dataclass(frozen=True)
class Standing:
    """Where an issue stands, why, and what continues it: one line each."""

    state: IssueState
    round: int
    """The round of review it is in; 0 before the first."""
    why: str
    next: str
    """The exact words that continue it, or what is waited for."""
    waits_for_person: bool

    @property
    def label(self) -> str | None:
        """The label that pictures the state, if it has one."""
        return LABELS.get(self.state)

    @property
    def shown(self) -> str:
        """The state in words: "in review (round 2)"."""
        words = STATE_WORDS[self.state]
        if self.state is IssueState.IN_REVIEW and self.round:
            return ROUND_WORDS.format(state=words, round=self.round)
        return words
