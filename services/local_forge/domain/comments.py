"""Comments on issues and on pull requests' conversations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.edits import Edits
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.texts import checked_comment
from services.local_forge.domain.voice import Timeline, Voice
from services.local_forge.problems import Unknown
from services.local_forge.shape.issues import comment_json, issue_json
from services.local_forge.tables import Comment, Issue, Repository
from services.local_forge.tables.people import Role


class Comments:
    """Comments; a writer may edit another's, as on GitHub, and the history says who did."""

    def __init__(
        self, context: Context, *, roles: Roles, voice: Voice, timeline: Timeline, edits: Edits
    ) -> None:
        self._context = context
        self._roles = roles
        self._voice = voice
        self._timeline = timeline
        self._edits = edits

    def of(self, issue: Issue, *, since: datetime | None = None) -> Sequence[Comment]:
        """All comments of a conversation, oldest first."""
        query = select(Comment).where(Comment.issue_id == issue.id).order_by(Comment.id)
        if since is not None:
            query = query.where(Comment.updated_at >= since)
        with self._context.store.reading() as session:
            return session.scalars(query).unique().all()

    def of_repository(
        self,
        repo: Repository,
        *,
        since: datetime | None = None,
        sort: str = "created",
        direction: str = "asc",
    ) -> Sequence[Comment]:
        """All comments of a repository; `sort` is created or updated."""
        column = Comment.updated_at if sort == "updated" else Comment.created_at
        order = (
            (column.desc(), Comment.id.desc())
            if direction == "desc"
            else (column.asc(), Comment.id.asc())
        )
        query = (
            select(Comment)
            .where(Comment.issue.has(Issue.repository_id == repo.id))
            .options(selectinload(Comment.issue))
        )
        if since is not None:
            query = query.where(Comment.updated_at >= since)
        with self._context.store.reading() as session:
            return session.scalars(query.order_by(*order)).unique().all()

    def get(self, repo: Repository, number: int) -> Comment:
        """One comment by its id; Unknown if it is not of this repository."""
        with self._context.store.reading() as session:
            found = session.get(Comment, number)
        if found is None or found.issue.repository_id != repo.id:
            raise Unknown
        return found

    def create(self, issue: Issue, *, actor: Actor, body: str) -> Comment:
        """A new comment; on a locked conversation only by writers."""
        needed: Role = "write" if issue.locked else "read"
        self._roles.require(issue.repository, actor, needed)
        now = self._context.now()
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            comment = Comment(
                issue_id=row.id,
                body=checked_comment(row.subject, body),
                author_id=actor.account.id,
                app_id=actor.app_id,
                created_at=now,
                updated_at=now,
            )
            row.comments, row.updated_at = row.comments + 1, now
            session.add(comment)
            session.flush()
            session.refresh(comment)
            self._voice.record(row, "commented", actor=actor, comment_id=comment.id)
            self._tell(comment, "created", actor)
            return comment

    def edit(self, comment: Comment, *, actor: Actor, body: str) -> Comment:
        """Another text; by the author, or by anybody who may write."""
        self._may_change(comment, actor)
        with self._context.store.transaction() as session:
            row = session.get_one(Comment, comment.id)
            before = row.body
            if checked_comment(row.issue.subject, body) == before:
                return row
            self._edits.record(row.issue, actor=actor, before=before, comment=row)
            row.body = body
            row.updated_at = row.issue.updated_at = self._context.now()
            session.flush()
            self._tell(row, "edited", actor, changes={"body": {"from": before}})
            return row

    def delete(self, comment: Comment, *, actor: Actor) -> None:
        """Gone; by the author, or by anybody who may write."""
        self._may_change(comment, actor)
        with self._context.store.transaction() as session:
            row = session.get_one(Comment, comment.id)
            issue = row.issue
            issue.comments -= 1
            issue.updated_at = self._context.now()
            self._tell(row, "deleted", actor)
            self._timeline.drop_comment(issue, row.id)
            session.delete(row)

    def _may_change(self, comment: Comment, actor: Actor) -> None:
        if actor.account.id != comment.author_id:
            self._roles.require(comment.issue.repository, actor, "write")

    def _tell(self, comment: Comment, action: str, actor: Actor, **more: Any) -> None:
        links = self._context.links
        payload = {
            "action": action,
            "issue": issue_json(comment.issue, links),
            "comment": comment_json(comment, links),
            **more,
        }
        self._voice.tell(comment.issue.repository, "issue_comment", actor=actor, payload=payload)
