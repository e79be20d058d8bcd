"""What the console keeps of each subject: a record made of registers, so that order does not matter.

A record is folded from messages in any order, with repeats, to the same end.
"""

from collections.abc import Mapping
from typing import ClassVar, Self
from uuid import UUID

from services.console.registers import (
    Approved,
    Closed,
    Ended,
    Examined,
    Judged,
    Kept,
    Opened,
    Presented,
    Progressed,
    Proposed,
    Pushed,
    Queue,
    Requested,
    Rested,
    Reviewed,
    Ruled,
    Seen,
    Switched,
    Used,
    Wanted,
    Worded,
)
from shared.messages.content import RunKind


class Record(Kept):
    """Everything known of one subject."""

    kind: ClassVar[str]

    @classmethod
    def empty(cls, key: str) -> "Record":
        """Of a subject of which nothing was said."""
        raise NotImplementedError

    def after(self, **changes: object) -> Self:
        """The record with other registers, which are valid already. None takes nothing away."""
        known = {name: value for name, value in changes.items() if value is not None}
        return self.model_copy(update=known)


class IssueRecord(Record):
    """One issue."""

    kind: ClassVar[str] = "issue"

    number: int
    seen: Seen | None = None
    opened: Opened | None = None
    """The fleet wrote it."""
    presented: Presented | None = None
    approved: Approved | None = None
    revoked: Mapping[str, Worded] = {}
    """By approval: why it ended."""
    declined: Worded | None = None
    pulls: Mapping[str, int] = {}
    """By approval: its pull request."""
    rested: Rested | None = None
    woken: Worded | None = None
    """A person's word that ends a rest."""

    @classmethod
    def empty(cls, key: str) -> "IssueRecord":
        """An issue of which nothing was said."""
        return cls(number=int(key))


class PullRecord(Record):
    """One pull request."""

    kind: ClassVar[str] = "pull"

    number: int
    issue: int | None = None
    """The issue that it is about; None for one that is not the fleet's."""
    approval: UUID | None = None
    seen: Seen | None = None
    pushed: Pushed | None = None
    reviewed: Mapping[str, Reviewed] = {}
    """By run."""
    wanted: Wanted | None = None
    judged: Mapping[str, Judged] = {}
    """By head."""
    taken: Worded | None = None
    closed: Closed | None = None

    @classmethod
    def empty(cls, key: str) -> "PullRecord":
        """A pull request of which nothing was said."""
        return cls(number=int(key))


class RunRecord(Record):
    """One run of an agent, over all its generations."""

    kind: ClassVar[str] = "run"

    run: UUID
    of: RunKind | None = None
    issue: int | None = None
    approval: UUID | None = None
    requested: Requested | None = None
    progressed: Progressed | None = None
    over: int = 0
    """The highest generation that is known to be over; 0: none."""
    ended: Ended | None = None
    refused: Worded | None = None
    used: Mapping[str, Used] = {}
    """By generation."""

    @classmethod
    def empty(cls, key: str) -> "RunRecord":
        """A run of which nothing was said."""
        return cls(run=UUID(key))

    @property
    def lives(self) -> bool:
        """An agent is at it, or its draft is with the gatekeeper."""
        return self.requested is not None and self.requested.generation > self.over


class ProposalRecord(Record):
    """One proposal, whether or not it was written to the forge."""

    kind: ClassVar[str] = "proposal"

    proposal: UUID
    said: Proposed | None = None
    issue: int | None = None

    @classmethod
    def empty(cls, key: str) -> "ProposalRecord":
        """A proposal of which nothing was said."""
        return cls(proposal=UUID(key))


class RepositoryRecord(Record):
    """One repository, by the forge's own id."""

    kind: ClassVar[str] = "repository"

    id: str
    name: str = ""
    """`owner/name`, as any message has it; where it was renamed, the policy's word counts."""
    ruled: Ruled | None = None
    examined: Examined | None = None
    switched: Switched | None = None
    queue: Queue | None = None

    @classmethod
    def empty(cls, key: str) -> "RepositoryRecord":
        """A repository of which nothing was said."""
        return cls(id=key)

    @property
    def known_as(self) -> str:
        """`owner/name`."""
        return self.ruled.name if self.ruled is not None else self.name


class AnswerRecord(Record):
    """What came of a custom event."""

    kind: ClassVar[str] = "answer"

    event: UUID
    name: str = ""
    answer: str | None = None
    run: UUID | None = None

    @classmethod
    def empty(cls, key: str) -> "AnswerRecord":
        """An event to which nothing was said yet."""
        return cls(event=UUID(key))


KINDS: dict[str, type[Record]] = {
    each.kind: each
    for each in (
        IssueRecord, PullRecord, RunRecord, ProposalRecord, RepositoryRecord, AnswerRecord,
    )
}  # fmt: skip
