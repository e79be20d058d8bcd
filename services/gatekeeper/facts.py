"""Everything that gate 1 looks at, read whole from the forge and the ledger before it decides."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.gatekeeper.roles import WRITERS, Fleet, Roles, Unreadable
from shared.messages.base import Repo
from shared.messages.content import Approver, Snapshot
from shared.messages.objects import Comment, Edit, Issue, TimelineEvent
from shared.policy import Policy


@dataclass(frozen=True)
class ApprovalPolicy:
    """The part of the repository's policy that gate 1 obeys."""

    approve: frozenset[str] = WRITERS
    ttl: timedelta = timedelta(days=14)
    quiet: timedelta = timedelta(seconds=120)
    approved_label: str = "approved"
    four_eyes: bool = False


def approval_policy(policy: Policy) -> ApprovalPolicy:
    """What the repository's policy says about approvals."""
    return ApprovalPolicy(
        approve=frozenset(policy.roles.approve),
        ttl=policy.approval.ttl,
        quiet=timedelta(seconds=policy.approval.quiet_s),
        approved_label=policy.labels.approved,
        four_eyes=policy.approval.four_eyes,
    )


@dataclass(frozen=True)
class History:
    """What happened on the issue, complete: never a part of it."""

    comments: tuple[Comment, ...] = ()
    timeline: tuple[TimelineEvent, ...] = ()
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Presented:
    """The text with this digest was shown to people on the issue at this time."""

    digest: str
    at: datetime


@dataclass(frozen=True)
class Record:
    """A live approval of the ledger."""

    approval: UUID
    digest: str
    snapshot: Snapshot
    approver: Approver
    expires_at: datetime


@dataclass(frozen=True)
class IssueFacts:
    """One issue as it stands now."""

    repo: Repo
    issue: Issue
    history: History | Unreadable
    roles: Roles
    fleet: Fleet
    now: datetime
    policy: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    drafts: frozenset[str] = frozenset()
    """Digests, without comments, of texts that the fleet itself wrote for this issue."""
    presented: Presented | None = None
    record: Record | None = None
    ended: frozenset[str] = frozenset()
    """Sources (`comment:7`, `label:9`) of approvals that ended: they never grant again."""
    own_closers: frozenset[str] = frozenset()
    """What a timeline names as closing the issue when our own pull request was merged."""
