"""Who edited an issue and its comments, and when: the one GraphQL query there is."""

from datetime import datetime

from pydantic import Field

from shared.forge.facts import Unreadable
from shared.forge.github.resource import Resource
from shared.forge.github.shapes import Shape
from shared.forge.operations import EDITS_NAME, EDITS_QUERY
from shared.messages.objects import Actor, Edit

NOT_TOLD = (
    "{subject}: the forge does not tell who edited it ({said}); it cannot be decided by edits"
)
ONLY_A_PART = "{subject}: more than 100 comments or edits; the forge tells only a part of them"


class _WhoShape(Shape):
    typename: str = Field(default="Unknown", alias="__typename")
    login: str = ""
    database_id: int | None = Field(default=None, alias="databaseId")

    def actor(self) -> Actor | None:
        """None for an account without a numeric id: it cannot be compared, so it is nobody."""
        if self.database_id is None:
            return None
        return Actor(id=self.database_id, login=self.login, kind=self.typename)


class _EditShape(Shape):
    edited_at: datetime = Field(alias="editedAt")
    editor: _WhoShape | None = None


class _BodyEditsShape(Shape):
    total: int = Field(alias="totalCount")
    nodes: tuple[_EditShape, ...]


class _CommentShape(Shape):
    id: int = Field(alias="databaseId")
    last_edited_at: datetime | None = Field(default=None, alias="lastEditedAt")
    editor: _WhoShape | None = None


class _CommentsShape(Shape):
    total: int = Field(alias="totalCount")
    nodes: tuple[_CommentShape, ...]


class _IssueShape(Shape):
    last_edited_at: datetime | None = Field(default=None, alias="lastEditedAt")
    editor: _WhoShape | None = None
    body_edits: _BodyEditsShape | None = Field(default=None, alias="userContentEdits")
    comments: _CommentsShape


class _RepositoryShape(Shape):
    issue: _IssueShape | None = None


class _DataShape(Shape):
    repository: _RepositoryShape | None = None


class _ErrorShape(Shape):
    message: str = ""


class _AnswerShape(Shape):
    data: _DataShape | None = None
    errors: tuple[_ErrorShape, ...] = ()


class EditReads(Resource):
    """Edits."""

    async def edits(self, number: int) -> tuple[Edit, ...] | Unreadable:
        """Edits of an issue's body and comments; `Unreadable` when the forge tells only a part."""
        subject = self._subject(number)
        address = self._client.address
        body = {
            "query": EDITS_QUERY,
            "operationName": EDITS_NAME,
            "variables": {"owner": address.owner, "name": address.name, "number": number},
        }
        answer = await self._client.graphql(body, subject=subject)
        told = answer.read(_AnswerShape, subject=subject)
        issue = told.data and told.data.repository and told.data.repository.issue
        if told.errors or not issue:
            said = told.errors[0].message[:200] if told.errors else "not an issue"
            return Unreadable(NOT_TOLD.format(subject=subject, said=said))
        edits = issue.body_edits
        if len(issue.comments.nodes) != issue.comments.total:
            return Unreadable(ONLY_A_PART.format(subject=subject))
        if edits is not None and len(edits.nodes) != edits.total:
            return Unreadable(ONLY_A_PART.format(subject=subject))
        return (*_of_body(issue), *_of_comments(issue))


def _of_body(issue: _IssueShape) -> tuple[Edit, ...]:
    """Edits of the body; the last one is told twice, and once is enough to know of it."""
    nodes = issue.body_edits.nodes if issue.body_edits else ()
    found = [Edit(at=each.edited_at, editor=_who(each.editor)) for each in nodes]
    if issue.last_edited_at and issue.last_edited_at not in {edit.at for edit in found}:
        found.append(Edit(at=issue.last_edited_at, editor=_who(issue.editor)))
    return tuple(sorted(found, key=lambda edit: edit.at))


def _of_comments(issue: _IssueShape) -> tuple[Edit, ...]:
    return tuple(
        Edit(at=each.last_edited_at, editor=_who(each.editor), comment=each.id)
        for each in issue.comments.nodes
        if each.last_edited_at
    )


def _who(editor: _WhoShape | None) -> Actor | None:
    return editor.actor() if editor else None
