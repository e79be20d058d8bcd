"""What is known of one issue: the input of the one function that says where it stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Grant(StrEnum):
    """Does a person's approval of this issue hold?"""

    NONE = "none"
    LIVE = "live"
    ENDED = "ended"


class RunKind(StrEnum):
    """What is an agent doing for this issue right now?"""

    IMPLEMENTATION = "implementation"
    REVISION = "revision"
    REVIEW = "review"


class PullRequest(StrEnum):
    """What became of the issue's pull request?"""

    NONE = "none"
    OPEN = "open"
    TAKEN_OVER = "taken_over"
    """Open, with commits that are not the fleet's."""
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True)
class Blocker:
    """One input of gate 2 that does not pass."""

    name: str
    """The input as the gate's table names it: "tests", "review", "paths" …"""
    cause: str = ""
    person_words: str = ""
    """The exact words with which a person mends it; empty: the fleet or a check is at it."""


@dataclass(frozen=True, kw_only=True)
class IssueFacts:
    """What is known of one issue. The defaults are an issue that nobody has touched.

    Pull request, rounds and gate are those of the latest approval; `declined` ends with a reopening.
    """

    open: bool = True
    by_fleet: bool = False
    """The fleet wrote it, as a proposal."""
    proposed: bool = False
    """It carries the label that puts it forward."""
    declined: str | None = None
    """Why a person declined it, if one did."""
    approval: Grant = Grant.NONE
    approval_ended: str = ""
    """Why the approval ended: who took it back, what was edited, how old it was."""
    run: RunKind | None = None
    """The run that lives; there is one at most (I-20)."""
    queue_position: int | None = None
    """Its place among what waits for an agent, 1 is next; None: it is not in the queue."""
    round: int = 0
    """Rounds of review that were begun."""
    rounds: int = 3
    """Rounds that the policy allows."""
    changes_wanted: bool = False
    """The latest word on this head, by QA or a person, asks for changes."""
    pull_request: PullRequest = PullRequest.NONE
    pull_request_number: int | None = None
    gate_open: bool = False
    """Every input of gate 2 passes on the present head."""
    blocked_by: tuple[Blocker, ...] = ()
    parked: str | None = None
    """Why work on it rests, if it does."""
    parked_until: datetime | None = None
    """When it goes on by itself; None: not by itself."""
    parked_words: str = ""
    """The words that continue it before that; empty: the usual ones."""
    needs_person: str | None = None
    """Why the scheduler gave it to a person, if it did."""
    needs_person_words: str = ""
    """The words that continue it; empty: the usual ones."""
    stopped: str | None = None
    """Who stopped the fleet or the repository and why, if somebody did."""
