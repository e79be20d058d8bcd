"""`gate.*`: the gatekeeper's decisions and the effects it carried out."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.messages.base import Message
from shared.messages.content import (
    Approver,
    Cause,
    DoctorFinding,
    Finding,
    GateInput,
    Reason,
    RunKind,
    Snapshot,
    SoFar,
    TestsReport,
    Verdict,
)
from shared.messages.objects import Actor


class RepositoryEvaluated(Message):
    """Sent when the doctor's findings about a repository changed."""

    topic: ClassVar[str] = "gate.repository.evaluated.v1"
    restated: ClassVar[bool] = True

    on: bool
    findings: tuple[DoctorFinding, ...] = ()
    at: datetime | None = None
    """When it was found: of two that cross, the later one holds."""
    stopped: str | None = None
    """Why the kill switch is set, where it was when this was said again: for whoever has heard
    nothing of it yet."""
    remembers_since: datetime | None = None
    """Since when the gatekeeper's memory goes on without a gap, said once it has learnt from the
    repository what came before. A draft that was handed over earlier and is not answered is lost."""


class IssueOpened(Message):
    """Sent when a proposal was written to the forge, or an open one was brought up to date."""

    topic: ClassVar[str] = "gate.issue.opened.v1"
    restated: ClassVar[bool] = True

    issue: int
    proposal: UUID
    content: str
    run: UUID
    title: str
    digest: str


class IssuePresented(Message):
    """Sent when the text that an agent would read was shown to people."""

    topic: ClassVar[str] = "gate.issue.presented.v1"

    issue: int
    digest: str
    removed: tuple[str, ...] = ()
    characters: int
    reserve_micros: int = 0


class IssueApproved(Message):
    """Sent when the ledger got a record of an approval."""

    topic: ClassVar[str] = "gate.issue.approved.v1"
    restated: ClassVar[bool] = True

    issue: int
    approval: UUID
    digest: str
    snapshot: Snapshot
    approver: Approver
    expires_at: datetime
    labels: tuple[str, ...] = ()
    """The issue's labels at that time: priority and order come from them."""
    reserve_micros: int = 0
    so_far: SoFar | None = None
    """What is known of the work under it, where that had begun before this was said. No part of
    the id: who knows the approval knows this too."""


class IssueRevoked(Message):
    """Sent when an approval ended otherwise than by its pull request."""

    topic: ClassVar[str] = "gate.issue.revoked.v1"
    restated: ClassVar[bool] = True

    issue: int
    approval: UUID
    reason: Reason


class CommandAccepted(Message):
    """Sent when a person who may gave a command."""

    topic: ClassVar[str] = "gate.command.accepted.v1"
    restated: ClassVar[bool] = True

    issue: int
    command: Literal["pause", "resume", "cancel", "retry", "propose", "answer", "decline"]
    arguments: str = ""
    actor: Actor
    id: str
    """Id of the comment or event: a repeated command is one command."""
    approval: UUID | None = None
    """The approval whose work it steers; None: it steers none, or an older gatekeeper says it."""


class CommandAnswered(Message):
    """Sent when a comment that commands, or nearly does, was judged: what came of it."""

    topic: ClassVar[str] = "gate.command.answered.v1"
    restated: ClassVar[bool] = True

    issue: int
    command: str
    """Its first word, `pause`; empty: it was close to a command and none."""
    taken: bool
    """False: nothing follows from it."""
    answer: str
    """One line for people."""
    next: str = ""
    """The words that continue it, where there are any."""
    actor: Actor
    id: str
    """Id of the comment, `comment:7`."""


class DraftRefused(Message):
    """Sent when a draft of any kind was not carried out."""

    topic: ClassVar[str] = "gate.draft.refused.v1"

    run: UUID
    generation: int
    kind: RunKind
    issue: int | None = None
    reasons: tuple[Reason, ...]


class ChangePushed(Message):
    """What every pushed change carries; never sent itself."""

    restated: ClassVar[bool] = True

    issue: int
    pull_request: int
    approval: UUID
    run: UUID
    branch: str
    head: str
    base: str
    """Tip of the default branch that a verdict is to be given on."""
    round: int
    files: int
    lines: int


class PullRequestOpened(ChangePushed):
    """Sent when the first change under an approval was pushed and its pull request is open."""

    topic: ClassVar[str] = "gate.pull_request.opened.v1"


class PullRequestUpdated(ChangePushed):
    """Sent when one more round was pushed to an open pull request."""

    topic: ClassVar[str] = "gate.pull_request.updated.v1"


class ReviewPosted(Message):
    """Sent when a review's draft was carried out: verdict in a check, findings on the diff."""

    topic: ClassVar[str] = "gate.review.posted.v1"
    restated: ClassVar[bool] = True

    issue: int
    pull_request: int
    run: UUID
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    tests: TestsReport
    head: str
    tip: str
    policy_digest: str


class RevisionWanted(Message):
    """Sent when something must be mended that is not QA's finding: a check, a conflict, a person."""

    topic: ClassVar[str] = "gate.revision.wanted.v1"
    restated: ClassVar[bool] = True

    issue: int
    pull_request: int
    approval: UUID
    head: str
    cause: Cause


class ReviewWanted(Message):
    """Sent when a verdict no longer holds (moved tip or policy) and the head is still ours to judge."""

    topic: ClassVar[str] = "gate.review.wanted.v1"
    restated: ClassVar[bool] = True

    issue: int
    pull_request: int
    approval: UUID
    head: str
    tip: str
    why: str


class PullRequestEvaluated(Message):
    """Sent when an input of gate 2 changed."""

    topic: ClassVar[str] = "gate.pull_request.evaluated.v1"

    issue: int
    pull_request: int
    head: str
    tip: str
    inputs: tuple[GateInput, ...]
    open: bool


class PullRequestTakenOver(Message):
    """Sent when a commit that is not ours was seen on our branch: a person took over."""

    topic: ClassVar[str] = "gate.pull_request.taken_over.v1"
    restated: ClassVar[bool] = True

    issue: int
    pull_request: int
    sha: str
    who: str


class PullRequestClosed(Message):
    """Sent when a pull request of ours was merged or closed; ends the approval."""

    topic: ClassVar[str] = "gate.pull_request.closed.v1"
    restated: ClassVar[bool] = True

    issue: int
    pull_request: int
    approval: UUID
    merged: bool
    by: Actor | None = None
    merge_sha: str | None = None


class FleetStopped(Message):
    """Sent when the kill switch was seen set."""

    topic: ClassVar[str] = "gate.fleet.stopped.v1"
    restated: ClassVar[bool] = True

    why: str
    at: datetime | None = None
    """When it was seen: of two that cross, the later one holds."""


class FleetResumed(Message):
    """Sent when the kill switch was seen cleared."""

    topic: ClassVar[str] = "gate.fleet.resumed.v1"
    restated: ClassVar[bool] = True

    why: str
    at: datetime | None = None
    """When it was seen: of two that cross, the later one holds."""
