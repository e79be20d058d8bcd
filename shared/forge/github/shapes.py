"""GitHub's answers, as little of them as is needed, and their way into the catalogue's objects.

Identity is required, unknown fields are ignored, words are plain strings: servers add and leave out
more than their descriptions say, and an answer must not become unreadable by that.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.messages.objects import Actor, Comment, Issue, PullRequest, Review, ReviewComment

NOBODY = Actor(id=0, login="ghost", kind="Deleted")
"""An account that is gone. It has no id, so it never has a role."""


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class UserShape(Shape):
    """An account."""

    id: int
    login: str
    type: str = "Unknown"
    app_id: int | None = None

    def actor(self) -> Actor:
        """As the catalogue has it."""
        return Actor(id=self.id, login=self.login, kind=self.type)


class AppShape(Shape):
    """A GitHub App."""

    id: int
    slug: str | None = None


class LabelShape(Shape):
    """A label."""

    name: str


class ChangedShape(Shape):
    """What is listed by its time of change."""

    id: int
    updated_at: datetime


class IssueShape(ChangedShape):
    """An issue, or a pull request seen as one."""

    number: int
    node_id: str
    title: str
    body: str | None = None
    state: Literal["open", "closed"]
    state_reason: str | None = None
    user: UserShape | None = None
    labels: tuple[LabelShape | str, ...] = ()
    locked: bool = False
    created_at: datetime
    closed_at: datetime | None = None
    pull_request: dict[str, object] | None = None

    def issue(self) -> Issue:
        """As the catalogue has it."""
        return Issue(
            number=self.number,
            node_id=self.node_id,
            title=self.title,
            body=self.body or "",
            state=self.state,
            state_reason=self.state_reason,
            author=actor_of(self.user),
            labels=names_of(self.labels),
            locked=self.locked,
            created_at=self.created_at,
            updated_at=self.updated_at,
            closed_at=self.closed_at,
        )


class CommentShape(ChangedShape):
    """A comment on an issue or a pull request."""

    user: UserShape | None = None
    body: str | None = None
    created_at: datetime
    issue_url: str = ""
    performed_via_github_app: AppShape | None = None

    def comment(self, number: int) -> Comment:
        """As the catalogue has it, standing on `number`."""
        return Comment(
            id=self.id,
            number=number,
            author=actor_of(self.user),
            body=self.body or "",
            created_at=self.created_at,
            updated_at=self.updated_at,
            app_id=self.performed_via_github_app and self.performed_via_github_app.id,
        )


class RepositoryShape(Shape):
    """The repository that a branch is in."""

    full_name: str


class RefShape(Shape):
    """A side of a pull request."""

    ref: str
    sha: str
    repo: RepositoryShape | None = None


class PullRequestShape(Shape):
    """A pull request, whole or from a listing."""

    number: int
    node_id: str
    title: str
    body: str | None = None
    state: Literal["open", "closed"]
    draft: bool = False
    user: UserShape | None = None
    head: RefShape
    base: RefShape
    labels: tuple[LabelShape | str, ...] = ()
    merged_at: datetime | None = None
    merged_by: UserShape | None = None
    merge_commit_sha: str | None = None
    mergeable: bool | None = None
    changed_files: int | None = None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None

    def pull_request(self) -> PullRequest:
        """As the catalogue has it. Before the merge GitHub's merge SHA is a trial: left out."""
        merged = self.merged_at is not None
        return PullRequest(
            number=self.number,
            node_id=self.node_id,
            title=self.title,
            body=self.body or "",
            state=self.state,
            draft=self.draft,
            author=actor_of(self.user),
            head_ref=self.head.ref,
            head_sha=self.head.sha,
            head_repo=self.head.repo and self.head.repo.full_name,
            base_ref=self.base.ref,
            base_sha=self.base.sha,
            labels=names_of(self.labels),
            merged=merged,
            merged_by=self.merged_by and self.merged_by.actor(),
            merge_sha=self.merge_commit_sha if merged else None,
            mergeable=self.mergeable,
            changed_files=self.changed_files,
            created_at=self.created_at,
            updated_at=self.updated_at,
            closed_at=self.closed_at,
        )


class ReviewShape(Shape):
    """A review; one that is not submitted has no time."""

    id: int
    user: UserShape | None = None
    body: str | None = None
    state: str
    commit_id: str | None = None
    submitted_at: datetime | None = None

    def review(self, pull_request: int) -> Review | None:
        """As the catalogue has it; None for one that is still a draft of its author."""
        if self.submitted_at is None:
            return None
        return Review(
            id=self.id,
            pull_request=pull_request,
            author=actor_of(self.user),
            state=self.state.upper(),
            body=self.body or "",
            sha=self.commit_id,
            submitted_at=self.submitted_at,
        )


class ReviewCommentShape(Shape):
    """A comment on a line; an outdated one has no line."""

    id: int
    pull_request_review_id: int | None = None
    user: UserShape | None = None
    path: str
    line: int | None = None
    body: str | None = None

    def comment(self, pull_request: int) -> ReviewComment:
        """As the catalogue has it."""
        return ReviewComment(
            id=self.id,
            pull_request=pull_request,
            review=self.pull_request_review_id,
            author=actor_of(self.user),
            path=self.path,
            line=self.line,
            body=self.body or "",
        )


def actor_of(user: UserShape | None) -> Actor:
    """The account, or nobody."""
    return user.actor() if user else NOBODY


def names_of(labels: tuple[LabelShape | str, ...]) -> tuple[str, ...]:
    """Label names in the forge's order."""
    return tuple(each if isinstance(each, str) else each.name for each in labels)
