"""`draft.*`: what agents say. A draft is a proposal; the gatekeeper decides and carries it out."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.messages.base import Message
from shared.messages.content import Finding, Proposal, RunEnd, RunKind, TestsReport, Usage, Verdict


class IssuesProposed(Message):
    """Sent when pm-agent is done with a run: a list of none to quota proposals."""

    topic: ClassVar[str] = "draft.issue.proposed.v1"

    run: UUID
    generation: int
    proposals: tuple[Proposal, ...]


class ChangeProposed(Message):
    """Sent when dev-agent has a change: a thin bundle of one commit on its base."""

    topic: ClassVar[str] = "draft.change.proposed.v1"

    run: UUID
    generation: int
    issue: int
    approval: UUID
    base: str
    """The commit the bundle stands on: the base, or the head that is revised."""
    merges: str | None = None
    """The tip whose conflict with `base` this change solves; None for every other change."""
    bundle: bytes
    at: datetime
    """The draft's time: author date of the published commit, so that a replay has the same SHA."""
    summary: str


class ReviewProposed(Message):
    """Sent when qa-agent has judged a head on a tip."""

    topic: ClassVar[str] = "draft.review.proposed.v1"

    run: UUID
    generation: int
    issue: int
    pull_request: int
    head: str
    tip: str
    policy_digest: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    tests: TestsReport


class RunProgressed(Message):
    """Sent at pickup, on progress and at least every third of the lease."""

    topic: ClassVar[str] = "draft.run.progressed.v1"

    run: UUID
    generation: int
    kind: RunKind
    holder: str
    issue: int | None = None
    phase: str
    line: str
    """One line for people."""
    usage: Usage = Usage()


class RunFinished(Message):
    """Sent when an agent is done with a run, together with its draft if there is one."""

    topic: ClassVar[str] = "draft.run.finished.v1"

    run: UUID
    generation: int
    kind: RunKind
    holder: str
    issue: int | None = None
    end: RunEnd
    reason: str
    drafted: bool
    """True: a draft was said, and the run ends with the gatekeeper's answer."""
    until: datetime | None = None
    usage: Usage = Usage()
