"""Edits of bodies: who changed a text after it was written, and when."""

from collections.abc import Sequence

from sqlalchemy import select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.tables import Comment, Edit, Issue


class Edits:
    """The history that `lastEditedAt`, `editor` and `userContentEdits` are answered from."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of_issue(self, issue: Issue) -> Sequence[Edit]:
        """Edits of the issue's body, newest first."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(Edit)
                .where(Edit.issue_id == issue.id, Edit.comment_id.is_(None))
                .order_by(Edit.id.desc())
            )
            return found.all()

    def of_comment(self, comment: Comment) -> Sequence[Edit]:
        """Edits of a comment, newest first."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(Edit).where(Edit.comment_id == comment.id).order_by(Edit.id.desc())
            )
            return found.all()

    def record(
        self, issue: Issue, *, actor: Actor, before: str | None, comment: Comment | None = None
    ) -> None:
        """Write an edit down, with the text before it."""
        with self._context.store.transaction() as session:
            edit = Edit(
                issue_id=issue.id,
                comment_id=None if comment is None else comment.id,
                editor_id=actor.account.id,
                edited_at=self._context.now(),
                before=before,
            )
            session.add(edit)
