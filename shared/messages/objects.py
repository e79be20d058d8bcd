"""Normalized objects of a forge, whole: what `observed.*` carries and what the forge port returns."""

from datetime import datetime
from typing import Literal

from shared.messages.base import Value

MACHINE_KINDS = frozenset({"Bot", "Organization", "Mannequin", "App"})


class Actor(Value):
    """An account. Identity is the numeric id; the login is only for people to read."""

    id: int
    login: str
    kind: str
    """The forge's word: `User`, `Bot`, `Organization` …"""


class Issue(Value):
    """An issue as it stands now; pull requests are not issues here."""

    number: int
    node_id: str
    title: str
    body: str
    state: Literal["open", "closed"]
    state_reason: str | None = None
    author: Actor
    labels: tuple[str, ...] = ()
    locked: bool = False
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None


class Comment(Value):
    """A comment on an issue or a pull request, as it stands now."""

    id: int
    number: int
    """The issue or pull request it stands on."""
    author: Actor
    body: str
    created_at: datetime
    updated_at: datetime
    app_id: int | None = None
    """The app through which it was written; None for a comment written by hand."""
    deleted: bool = False


class TimelineEvent(Value):
    """One event of an issue's timeline: labeled, unlabeled, renamed, closed, reopened, locked …"""

    id: str
    event: str
    actor: Actor | None
    at: datetime
    label: str | None = None
    app_id: int | None = None
    renamed_from: str | None = None
    renamed_to: str | None = None
    closed_by: str | None = None
    """For `closed`: the commit or pull request that closed it, where the forge names one."""


class Edit(Value):
    """One edit of a text: of the issue's body (`comment` None), or of a comment."""

    at: datetime
    editor: Actor | None
    comment: int | None = None


class PullRequest(Value):
    """A pull request as it stands now."""

    number: int
    node_id: str
    title: str
    body: str
    state: Literal["open", "closed"]
    draft: bool = False
    author: Actor
    head_ref: str
    head_sha: str
    head_repo: str | None
    """`owner/name`; None when the fork is gone."""
    base_ref: str
    base_sha: str
    labels: tuple[str, ...] = ()
    merged: bool = False
    merged_by: Actor | None = None
    merge_sha: str | None = None
    mergeable: bool | None = None
    """None: the forge has not worked it out, or this came from a listing."""
    changed_files: int | None = None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None


class Review(Value):
    """A review of a pull request. `state` is APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    id: int
    pull_request: int
    author: Actor
    state: str
    body: str
    sha: str | None
    """The head that was reviewed."""
    submitted_at: datetime


class ReviewComment(Value):
    """A comment on a line of a pull request's diff."""

    id: int
    pull_request: int
    review: int | None = None
    author: Actor
    path: str
    line: int | None
    body: str


class Check(Value):
    """A check run or a commit status on exactly one SHA."""

    kind: Literal["check_run", "status"]
    id: int
    name: str
    sha: str
    app_id: int | None = None
    creator: Actor | None = None
    app_slug: str | None = None
    """The app's name in addresses, which a policy may name."""
    status: str
    """`queued`, `in_progress` or `completed`."""
    conclusion: str | None = None
    """`success`, `failure`, `neutral`, `skipped`, … for completed ones; None before."""
    external_id: str = ""
    title: str = ""
    summary: str = ""
    at: datetime


class Push(Value):
    """A branch that was seen at a new commit."""

    ref: str
    after: str
    """The SHA now; forty zeros when the branch is gone."""


class Protection(Value):
    """What the forge says of a branch's protection, as far as the fleet may read it."""

    readable: bool
    cause: str = ""
    """Why it could not be read."""
    pull_request_required: bool = False
    approvals: int = 0
    dismiss_stale: bool = False
    last_push_approval: bool = False
    deletion_blocked: bool = False
    force_push_blocked: bool = False
    fleet_can_bypass: bool = True
