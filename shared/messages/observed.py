"""`observed.*`: facts about the forge, said by an ingest. Each carries the whole object, not a delta."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from shared.messages.base import Message
from shared.messages.objects import Check, Comment, Issue, Protection, PullRequest, Push, Review

Source = Literal["webhook", "poll", "reconcile"]


class Observation(Message):
    """A fact about one object of the forge."""

    again: int = Field(default=0, ge=0)
    """How often this very content had come back by then, after something else was said of the object.
    Part of the id: without it a label that is taken off again would look like a repeat."""


class RepositoryObserved(Observation):
    """Sent when the default branch, policy file, protection or labels were seen changed."""

    topic: ClassVar[str] = "observed.repository.v1"

    default_branch: str
    head_sha: str
    policy: dict[str, JsonValue]
    """The last good policy, whole."""
    policy_digest: str
    policy_errors: tuple[str, ...] = ()
    """Errors of a newer policy file that could not be taken; empty when the newest is good."""
    protection: Protection
    labels: tuple[str, ...] = ()
    seen_at: datetime | None = None
    """When it was read: of two that cross, the later one holds. No part of the id."""


class IssueObserved(Observation):
    """Sent when an issue was seen new or changed, and once per reconcile while it is open."""

    topic: ClassVar[str] = "observed.issue.v1"

    issue: Issue
    source: Source


class CommentObserved(Observation):
    """Sent when a comment was seen new, edited or deleted."""

    topic: ClassVar[str] = "observed.comment.v1"

    comment: Comment
    on_pull_request: bool
    source: Source

    def correlation(self) -> str:
        """The issue or pull request it stands on."""
        return f"{self.repo}#{self.comment.number}"


class PullRequestObserved(Observation):
    """Sent when a pull request was seen new or changed, and once per reconcile while it is open."""

    topic: ClassVar[str] = "observed.pull_request.v1"

    pull_request: PullRequest
    source: Source


class ReviewObserved(Observation):
    """Sent when a review was seen new, changed or dismissed."""

    topic: ClassVar[str] = "observed.review.v1"

    review: Review
    source: Source

    def correlation(self) -> str:
        """The pull request it stands on."""
        return f"{self.repo}#{self.review.pull_request}"


class CheckObserved(Observation):
    """Sent when a check run or commit status was seen new or changed on a head we watch."""

    topic: ClassVar[str] = "observed.check.v1"

    check: Check
    pull_requests: tuple[int, ...] = ()
    source: Source

    def correlation(self) -> str:
        """The first pull request with that head, else the repository."""
        return f"{self.repo}#{self.pull_requests[0]}" if self.pull_requests else str(self.repo)


class PushObserved(Observation):
    """Sent when a branch was seen at another commit."""

    topic: ClassVar[str] = "observed.push.v1"

    push: Push
    source: Source
