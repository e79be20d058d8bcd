"""Reviews: comments, approvals and asked changes, of one head."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never

from sqlalchemy import delete, select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.hunks import Side, shows
from services.local_forge.domain.pulls import Pulls
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.texts import checked_body
from services.local_forge.domain.voice import Voice
from services.local_forge.git.facts import FileChange
from services.local_forge.problems import Invalid, Unknown
from services.local_forge.shape.pulls import pull_json, pull_of
from services.local_forge.shape.reviews import review_json
from services.local_forge.tables import Issue, RequestedReviewer, Review, ReviewComment

Verdict = Literal["COMMENT", "APPROVE", "REQUEST_CHANGES"]
APPROVED, CHANGES_REQUESTED, COMMENTED = "APPROVED", "CHANGES_REQUESTED", "COMMENTED"
DISMISSED = "DISMISSED"

OWN = "Can not {verb} your own pull request"
EMPTY = "{subject}: a review needs a text or a comment on a line"
NO_COMMIT = "{subject}: {sha} is no commit of this pull request; review its head"
NO_PATH = "{subject}: {path} is not changed here; comment on a changed file"
NO_LINE = "{subject}: line {line} of {path} is not part of the diff; choose a line it shows"


@dataclass(frozen=True, slots=True)
class Inline:
    """A comment on a line: of the new file (RIGHT) or of the old one (LEFT)."""

    path: str
    line: int
    body: str
    side: Side = "RIGHT"


@dataclass(frozen=True, slots=True)
class NewReview:
    """A review to be; `commit_id` None means the head as it is."""

    event: Verdict
    body: str = ""
    comments: Sequence[Inline] = field(default=())
    commit_id: str | None = None


class Reviews:
    """Who said what about a pull request."""

    def __init__(self, context: Context, *, roles: Roles, voice: Voice, pulls: Pulls) -> None:
        self._context = context
        self._roles = roles
        self._voice = voice
        self._pulls = pulls

    def of(self, issue: Issue) -> Sequence[Review]:
        """All reviews, oldest first."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(Review).where(Review.issue_id == issue.id).order_by(Review.id)
            )
            return found.all()

    def get(self, issue: Issue, number: int) -> Review:
        """One review by its id."""
        with self._context.store.reading() as session:
            found = session.get(Review, number)
        if found is None or found.issue_id != issue.id:
            raise Unknown
        return found

    def comments(self, issue: Issue) -> Sequence[ReviewComment]:
        """All comments on lines, oldest first."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(ReviewComment)
                .where(ReviewComment.issue_id == issue.id)
                .order_by(ReviewComment.id)
            )
            return found.all()

    def opinions(self, issue: Issue) -> dict[int, Review]:
        """Each reviewer's latest approval or request for changes; a comment replaces none."""
        latest: dict[int, Review] = {}
        for review in self.of(issue):
            if review.state != COMMENTED:
                latest[review.author_id] = review
        return latest

    async def create(self, issue: Issue, *, actor: Actor, ask: NewReview) -> Review:
        """Submit one; nobody approves, or asks changes of, what is their own (422)."""
        self._roles.require(issue.repository, actor, "read")
        sha = await self._commit(issue, ask.commit_id)
        _check(issue, actor, ask)
        if ask.comments:
            _check_lines(issue, ask.comments, await self._pulls.files(issue))
        now = self._context.now()
        with self._context.store.transaction() as session:
            review = Review(
                issue_id=issue.id,
                state=_state(ask.event),
                body=ask.body,
                commit_id=sha,
                author_id=actor.account.id,
                submitted_at=now,
            )
            session.add(review)
            session.flush()
            for inline in ask.comments:
                session.add(_row(review, inline, at=sha))
            session.execute(
                delete(RequestedReviewer).where(
                    RequestedReviewer.issue_id == issue.id,
                    RequestedReviewer.account_id == actor.account.id,
                )
            )
            row = session.get_one(Issue, issue.id)
            row.updated_at = now
            session.flush()
            session.refresh(review)
            session.refresh(row)
            session.refresh(pull_of(row), ["asked"])
            self._voice.record(row, "reviewed", actor=actor, review_id=review.id)
            self._tell(row, review, action="submitted", actor=actor)
            return review

    async def _commit(self, issue: Issue, asked: str | None) -> str:
        head = pull_of(issue).head_sha
        if asked is None or asked == head:
            return head
        known = {commit.sha for commit in await self._pulls.commits(issue)}
        if asked not in known:
            said = NO_COMMIT.format(subject=issue.subject, sha=asked)
            raise Invalid(said, field="commit_id", resource="PullRequestReview")
        return asked

    def dismiss_approvals(self, issue: Issue, *, actor: Actor) -> None:
        """A push makes what was approved stale."""
        with self._context.store.transaction() as session:
            for review in self.of(issue):
                if review.state != APPROVED:
                    continue
                row = session.get_one(Review, review.id)
                row.state = DISMISSED
                session.flush()
                self._voice.record(issue, "review_dismissed", actor=actor, review_id=row.id)
                self._tell(issue, row, action="dismissed", actor=actor)

    def _tell(self, issue: Issue, review: Review, *, action: str, actor: Actor) -> None:
        links = self._context.links
        shown = review_json(review, issue, links)
        payload = {
            "action": action,
            "review": {**shown, "state": shown["state"].lower()},
            "pull_request": pull_json(issue, links),
        }
        self._voice.tell(issue.repository, "pull_request_review", actor=actor, payload=payload)


def _state(event: Verdict) -> str:
    match event:
        case "APPROVE":
            return APPROVED
        case "REQUEST_CHANGES":
            return CHANGES_REQUESTED
        case "COMMENT":
            return COMMENTED
    assert_never(event)


def _check(issue: Issue, actor: Actor, ask: NewReview) -> None:
    if ask.event != "COMMENT" and actor.account.id == issue.author_id:
        verb = "approve" if ask.event == "APPROVE" else "request changes on"
        raise Invalid(OWN.format(verb=verb), field="event", resource="PullRequestReview")
    wordless = not ask.body.strip()
    if wordless and (
        ask.event == "REQUEST_CHANGES" or (ask.event == "COMMENT" and not ask.comments)
    ):
        said = EMPTY.format(subject=issue.subject)
        raise Invalid(said, field="body", resource="PullRequestReview", code="missing_field")
    checked_body(issue.subject, ask.body)


def _check_lines(issue: Issue, comments: Sequence[Inline], files: Sequence[FileChange]) -> None:
    changed = {file.filename: file for file in files}
    for inline in comments:
        file = changed.get(inline.path)
        if file is None:
            said = NO_PATH.format(subject=issue.subject, path=inline.path)
            raise Invalid(said, field="path", resource="PullRequestReviewComment")
        if not shows(file.patch, line=inline.line, side=inline.side):
            said = NO_LINE.format(subject=issue.subject, line=inline.line, path=inline.path)
            raise Invalid(said, field="line", resource="PullRequestReviewComment")


def _row(review: Review, inline: Inline, *, at: str) -> ReviewComment:
    return ReviewComment(
        review_id=review.id,
        issue_id=review.issue_id,
        path=inline.path,
        line=inline.line,
        side=inline.side,
        body=inline.body,
        commit_id=at,
        author_id=review.author_id,
        created_at=review.submitted_at,
        updated_at=review.submitted_at,
    )
