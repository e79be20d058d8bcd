"""`work.*`: what the scheduler dispatched, cancelled and concluded."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import JsonValue

from shared.messages.base import Message
from shared.messages.content import (
    Cause,
    KnownProposal,
    RunEnd,
    RunKind,
    RunLimits,
    Snapshot,
    Usage,
    Waiting,
)


class WorkRequest(Message):
    """What every request for work carries; never sent itself."""

    run: UUID
    generation: int
    lease_s: float
    """The agent says so every third of this at least, or another takes the run over."""
    limits: RunLimits
    policy: dict[str, JsonValue]
    policy_digest: str
    default_branch: str
    base_sha: str
    """Tip of the default branch at dispatch."""


class ProposalsRequested(WorkRequest):
    """Sent when pm-agent should look at the repository: on schedule, by command or by an event."""

    topic: ClassVar[str] = "work.proposals.requested.v1"

    quota: int
    focus: str = ""
    known: tuple[KnownProposal, ...] = ()
    event: dict[str, JsonValue] | None = None
    """The custom event that asks, as data."""


class ImplementationRequested(WorkRequest):
    """Sent when an approved issue's turn has come."""

    topic: ClassVar[str] = "work.implementation.requested.v1"

    issue: int
    approval: UUID
    snapshot: Snapshot


class RevisionRequested(WorkRequest):
    """Sent when a pull request of ours needs one more round."""

    topic: ClassVar[str] = "work.revision.requested.v1"

    issue: int
    approval: UUID
    snapshot: Snapshot
    pull_request: int
    head: str
    round: int
    """2 for the first revision."""
    cause: Cause


class ReviewRequested(WorkRequest):
    """Sent when a head of ours, on a tip, has no verdict yet."""

    topic: ClassVar[str] = "work.review.requested.v1"

    issue: int
    approval: UUID
    snapshot: Snapshot
    pull_request: int
    head: str
    tip: str
    round: int


class RunCancelled(Message):
    """Sent when a run must stop; heard by every instance of every agent."""

    topic: ClassVar[str] = "work.run.cancelled.v1"

    run: UUID
    generation: int
    """This generation and all before it."""
    issue: int | None = None
    reason: str
    holder: str | None = None
    """Only this holder; absent: all."""


class RunEnded(Message):
    """Sent when a run is over for the scheduler: its draft was answered, or none will come."""

    topic: ClassVar[str] = "work.run.ended.v1"

    run: UUID
    generation: int
    kind: RunKind
    issue: int | None = None
    end: RunEnd
    reason: str
    usage: Usage
    carried_out: bool
    """True: the gatekeeper carried its draft out."""


class IssueParked(Message):
    """Sent when an issue waits for a time or for a person."""

    topic: ClassVar[str] = "work.issue.parked.v1"

    issue: int
    until: datetime | None = None
    """None: until a person acts."""
    why: str
    next: str
    """The words that continue it."""


class QueueChanged(Message):
    """Sent when what waits for an agent, its order or what holds it changed, and at start."""

    topic: ClassVar[str] = "work.queue.changed.v1"

    waiting: tuple[Waiting, ...] = ()
    """All that waits in this repository, the next one first."""
    at: datetime
    """When it was so: of two the later one counts."""


class EventAnswered(Message):
    """Sent when a custom event was heard: what came of it."""

    topic: ClassVar[str] = "work.event.answered.v1"

    event: UUID
    name: str
    run: UUID | None = None
    answer: str
