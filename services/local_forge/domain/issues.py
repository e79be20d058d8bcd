"""Issues: written, listed, edited, closed, reopened, locked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.edits import Edits
from services.local_forge.domain.labels import Labels
from services.local_forge.domain.listing import Listing
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.texts import checked_body, checked_title
from services.local_forge.domain.voice import Voice
from services.local_forge.problems import Invalid, Unknown
from services.local_forge.tables import Issue, IssueLabel, Label, Pull, Repository

LARGEST_NUMBER = 2**31 - 1
"""What a column for numbers holds everywhere; larger ones name nothing."""

REASONS = ("completed", "not_planned", "duplicate")
BAD_REASON = "{subject}: {reason!r} is no reason to close; use one of {known}"
ALREADY_MERGED = "{subject}: it is merged; a merged pull request cannot be reopened"


class Issues:
    """Issues, and what pull requests have in common with them."""

    def __init__(
        self, context: Context, *, roles: Roles, voice: Voice, labels: Labels, edits: Edits
    ) -> None:
        self._context = context
        self._roles = roles
        self._voice = voice
        self._labels = labels
        self._edits = edits

    def list(self, repo: Repository, listing: Listing | None = None) -> Sequence[Issue]:
        """What the filters let through, pull requests included unless `kind` says otherwise."""
        asked = listing or Listing()
        with self._context.store.reading() as session:
            return session.scalars(_query(repo, asked)).unique().all()

    def find(self, repo: Repository, number: int) -> Issue | None:
        """An issue or a pull request by its number, if there is one."""
        if not 0 < number <= LARGEST_NUMBER:
            return None  # keywords and queries name numbers that no database could hold
        query = select(Issue).where(Issue.repository_id == repo.id, Issue.number == number)
        with self._context.store.reading() as session:
            return session.scalars(query).unique().first()

    def get(self, repo: Repository, number: int) -> Issue:
        """An issue or a pull request by its number; Unknown if there is none."""
        found = self.find(repo, number)
        if found is None:
            raise Unknown
        return found

    def create(
        self,
        repo: Repository,
        *,
        actor: Actor,
        title: str,
        body: str | None = None,
        labels: Sequence[str] = (),
    ) -> Issue:
        """A new issue; labels are dropped without a word where the actor may not set any."""
        self._roles.require(repo, actor, "read")
        with self._context.store.transaction():
            issue = self.insert(repo, actor=actor, title=title, body=body, pull=None)
            self._voice.tell_issue(issue, "opened", actor=actor)
            if labels and self._roles.can(repo, actor.account, "triage"):
                issue = self._labels.add(issue, actor=actor, names=labels)
            return issue

    def insert(
        self, repo: Repository, *, actor: Actor, title: str, body: str | None, pull: Pull | None
    ) -> Issue:
        """The row itself, with the next number; tells nobody."""
        now = self._context.now()
        with self._context.store.transaction() as session:
            place = session.get_one(Repository, repo.id, with_for_update=True)
            issue = Issue(
                repository_id=repo.id,
                number=place.next_number,
                title=checked_title(repo.full_name, title),
                body=checked_body(repo.full_name, body),
                state="open",
                state_reason=None,
                locked=False,
                comments=0,
                author_id=actor.account.id,
                app_id=actor.app_id,
                created_at=now,
                updated_at=now,
                pull=pull,
            )
            place.next_number += 1
            session.add(issue)
            session.flush()
            session.refresh(issue)
            return issue

    def edit(
        self, issue: Issue, *, actor: Actor, title: str | None = None, body: str | None = None
    ) -> Issue:
        """Another title or body (None keeps it, "" empties the body); the author, or write."""
        if actor.account.id != issue.author_id:
            self._roles.require(issue.repository, actor, "write")
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            changes: dict[str, Any] = {}
            if title is not None and (new := checked_title(row.subject, title)) != row.title:
                changes["title"] = {"from": row.title}
                rename = {"from": row.title, "to": new}
                self._voice.record(row, "renamed", actor=actor, rename=rename)
                row.title = new
            if body is not None and checked_body(row.subject, body) != row.body:
                changes["body"] = {"from": row.body}
                self._edits.record(row, actor=actor, before=row.body)
                row.body = body
            if changes:
                row.updated_at = self._context.now()
                session.flush()
                self._voice.tell_issue(row, "edited", actor=actor, changes=changes)
            return row

    def close(
        self, issue: Issue, *, actor: Actor, reason: str = "completed", cause: str | None = None
    ) -> Issue:
        """Close it; `cause` is the merge commit that did. The author, or triage."""
        if reason not in REASONS:
            known = ", ".join(REASONS)
            said = BAD_REASON.format(subject=issue.subject, reason=reason, known=known)
            raise Invalid(said, field="state_reason", resource="Issue")
        self._may_move(issue, actor)
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            if row.state == "closed":
                row.state_reason = None if row.pull is not None else reason
                return row
            row.state, row.closed_by_id = "closed", actor.account.id
            row.closed_at = row.updated_at = self._context.now()
            row.state_reason = None if row.pull is not None else reason
            session.flush()
            session.refresh(row)
            why = row.state_reason
            self._voice.record(row, "closed", actor=actor, commit_id=cause, state_reason=why)
            self._voice.tell_issue(row, "closed", actor=actor)
            return row

    def reopen(self, issue: Issue, *, actor: Actor) -> Issue:
        """Open it again. The author, or triage."""
        self._may_move(issue, actor)
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            if row.pull is not None and row.pull.merged:
                raise Invalid(ALREADY_MERGED.format(subject=row.subject), field="state")
            if row.state == "open":
                return row
            row.state, row.closed_at, row.closed_by_id = "open", None, None
            row.state_reason = None if row.pull is not None else "reopened"
            row.updated_at = self._context.now()
            session.flush()
            session.refresh(row)
            self._voice.record(row, "reopened", actor=actor)
            self._voice.tell_issue(row, "reopened", actor=actor)
            return row

    def lock(self, issue: Issue, *, actor: Actor) -> Issue:
        """Only writers may comment from now on. Needs write."""
        self._roles.require(issue.repository, actor, "write")
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            row.locked, row.updated_at = True, self._context.now()
            session.flush()
            self._voice.record(row, "locked", actor=actor, lock_reason=None)
            self._voice.tell_issue(row, "locked", actor=actor)
            return row

    def touch(self, issue: Issue, *, at: datetime) -> Issue:
        """Something about it changed: a comment, a review, a push."""
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            row.updated_at = at
            session.flush()
            return row

    def _may_move(self, issue: Issue, actor: Actor) -> None:
        if actor.account.id != issue.author_id:
            self._roles.require(issue.repository, actor, "triage")


def _query(repo: Repository, asked: Listing) -> Select[Issue]:
    wanted: list[ColumnElement[bool]] = [Issue.repository_id == repo.id]
    if asked.state != "all":
        wanted.append(Issue.state == asked.state)
    if asked.since is not None:
        wanted.append(Issue.updated_at >= asked.since)
    if asked.kind != "both":
        is_pull = select(Pull.issue_id).where(Pull.issue_id == Issue.id).exists()
        wanted.append(is_pull if asked.kind == "pulls" else ~is_pull)
    for name in asked.labels:
        carried = (
            select(IssueLabel.issue_id)
            .join(Label, Label.id == IssueLabel.label_id)
            .where(IssueLabel.issue_id == Issue.id, Label.folded == name.strip().casefold())
        )
        wanted.append(carried.exists())
    column = {"created": Issue.created_at, "updated": Issue.updated_at, "comments": Issue.comments}
    chosen = column[asked.sort]
    order = (
        (chosen.asc(), Issue.id.asc())
        if asked.direction == "asc"
        else (chosen.desc(), Issue.id.desc())
    )
    return select(Issue).where(*wanted).order_by(*order)
