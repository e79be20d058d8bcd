"""Comments on issues and pull requests."""

from typing import Literal

from services.local_forge.domain.listing import Direction
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.issues import comment_json
from services.local_forge.tables import Comment

_REPO = "/repos/{owner}/{repo}"
_OF_ISSUE = f"{_REPO}/issues/{{number}}/comments"
_OF_REPO = f"{_REPO}/issues/comments"

_Sort = Literal["created", "updated"]


class CommentBody(Body):
    """POST and PATCH."""

    body: str


def of_issue(call: Call) -> Answer:
    """The comments of a conversation."""
    links = call.links
    rows = call.forge.comments.of(call.issue(), since=call.time("since"))
    return call.listed(rows, lambda comment: comment_json(comment, links))


def of_repository(call: Call) -> Answer:
    """The comments of a repository."""
    links = call.links
    rows = call.forge.comments.of_repository(
        call.repo(),
        since=call.time("since"),
        sort=call.chosen("sort", _Sort, "created"),
        direction=call.chosen("direction", Direction, "asc"),
    )
    return call.listed(rows, lambda comment: comment_json(comment, links))


def _asked(call: Call) -> Comment:
    return call.forge.comments.get(call.repo(), call.number("id"))


def one(call: Call) -> Answer:
    """A comment."""
    return Answer(comment_json(_asked(call), call.links))


def create(call: Call) -> Answer:
    """A new comment."""
    body = call.read(CommentBody)
    comment = call.forge.comments.create(call.issue(), actor=call.actor, body=body.body)
    return Answer(comment_json(comment, call.links), 201)


def change(call: Call) -> Answer:
    """Another text."""
    body = call.read(CommentBody)
    comment = call.forge.comments.edit(_asked(call), actor=call.actor, body=body.body)
    return Answer(comment_json(comment, call.links))


def delete(call: Call) -> Answer:
    """Gone."""
    call.forge.comments.delete(_asked(call), actor=call.actor)
    return Answer(status=204)


OPERATIONS = (
    Operation("GET", _OF_REPO, of_repository),
    Operation("GET", f"{_OF_REPO}/{{id}}", one),
    Operation("PATCH", f"{_OF_REPO}/{{id}}", change),
    Operation("DELETE", f"{_OF_REPO}/{{id}}", delete),
    Operation("GET", _OF_ISSUE, of_issue),
    Operation("POST", _OF_ISSUE, create),
)
