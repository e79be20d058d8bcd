"""What the forge port answers with, where the catalogue's own objects are not enough. All frozen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.messages.base import Repo
from shared.messages.objects import Issue

Verdict = Literal["success", "failure"]
"""How a check of ours may end. What is neither is still open, shown as in progress."""


@dataclass(frozen=True)
class ForgeAddress:
    """Where one repository is reached, and as whom.

    `base_url` is the root of the REST API (`https://api.github.com`, `https://host/api/v3`).
    `app_id` and `app_slug` name the GitHub App when the token is one of its installations.
    `hook_id` is the repository's webhook, when failed deliveries may be read and sent again.
    """

    base_url: str
    owner: str
    name: str
    app_id: int | None = None
    app_slug: str | None = None
    hook_id: int | None = None
    proxy: str | None = None
    write_spacing: timedelta = timedelta(seconds=1)
    """The least time between two writes: GitHub allows 80 a minute."""
    approval_labels: frozenset[str] = frozenset({"approved"})
    """Labels that only people put on."""
    stop_labels: frozenset[str] = frozenset({"gatefleet:stop"})
    """Labels that only people take off."""


@dataclass(frozen=True)
class RepositoryFacts:
    """A repository as it stands now. `head_sha` is None while it has no commit."""

    repo: Repo
    default_branch: str
    head_sha: str | None
    labels: tuple[str, ...]
    private: bool
    archived: bool


@dataclass(frozen=True)
class Identity:
    """Who the token is. Compare `user_id` and `app_id`, never the login."""

    user_id: int
    login: str
    kind: str
    app_id: int | None


@dataclass(frozen=True)
class Changed:
    """Issues changed since a time, oldest change first; pull requests by number only."""

    issues: tuple[Issue, ...]
    pull_requests: tuple[int, ...]
    etag: str | None
    """Belongs to the exact `since` it was got with."""
    not_modified: bool


@dataclass(frozen=True)
class Role:
    """The role that an account has in the repository: `read`, `triage`, `write`, `maintain` …"""

    name: str
    user_id: int


@dataclass(frozen=True)
class Unreadable:
    """It could not be read, and so counts as not allowed. `cause` is one line for people."""

    cause: str
    after: timedelta | None = None
    """The earliest time the forge named for the next try, if it named one."""


@dataclass(frozen=True)
class ReviewNote:
    """A finding on one line of the new side of a pull request's diff."""

    path: str
    line: int
    body: str


@dataclass(frozen=True)
class Delivery:
    """A webhook delivery of which no attempt was answered with success."""

    id: int
    guid: str
    event: str
    at: datetime


@dataclass(frozen=True)
class Capabilities:
    """What this forge and this token can do beyond the common ground."""

    check_runs: bool
    """Check runs can be written; otherwise verdicts are commit statuses."""
    redelivery: bool
    rulesets: bool = True
    conditional_get: bool = True
    native_review: bool = True
    label_by_name: bool = True


@dataclass(frozen=True)
class Rate:
    """The token's allowance as the forge last told it."""

    limit: int
    remaining: int
    reset_at: datetime
