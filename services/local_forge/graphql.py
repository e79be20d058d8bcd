"""The one GraphQL operation there is: who edited an issue and its comments, and when."""

import re
from collections.abc import Sequence
from typing import Any

from services.local_forge.domain.accounts import BOT
from services.local_forge.rest.answer import Answer, failure
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.people import moment
from services.local_forge.tables import Account, Edit, Issue

NAME = "GatefleetEdits"
QUERY = """
query GatefleetEdits($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      id lastEditedAt editor { ...who }
      userContentEdits(first: 100) { totalCount nodes { editedAt editor { ...who } } }
      comments(first: 100) { totalCount nodes { databaseId lastEditedAt editor { ...who } } }
    }
  }
}
fragment who on Actor {
  __typename login
  ... on User { databaseId } ... on Bot { databaseId } ... on Organization { databaseId }
}
"""
NOT_SERVED = "This forge serves one GraphQL operation, GatefleetEdits; ask for that one"
NO_ISSUE = "Could not resolve to an Issue with the number of {number}."
NO_REPOSITORY = "Could not resolve to a Repository with the name '{owner}/{name}'."

_FIRST = 100
_WORD = re.compile(r"[A-Za-z_]+")
_WORDS = frozenset(_WORD.findall(QUERY))


class Variables(Body):
    """The three variables."""

    owner: str
    name: str
    number: int


class GraphBody(Body):
    """POST graphql."""

    query: str
    variables: Variables
    operationName: str = NAME


def is_served(body: GraphBody) -> bool:
    """Is it our operation, with no word in it that ours has not (no mutation, no other field)?"""
    words = _WORD.findall(body.query)
    return body.operationName == NAME and words[:2] == ["query", NAME] and set(words) <= _WORDS


def edits(call: Call) -> Answer:
    """Answer it; anything else is 400 and counted as unknown."""
    body = call.read(GraphBody)
    if not is_served(body):
        call.forge.witness.unknown_routes["POST /graphql"] += 1
        return Answer(failure(NOT_SERVED, 400), 400)
    asked = body.variables
    repo = call.forge.repositories.find(asked.owner, asked.name)
    if repo is None or not call.forge.repositories.may_read(repo, call.actor):
        said = NO_REPOSITORY.format(owner=asked.owner, name=asked.name)
        return _nothing({"repository": None}, ["repository"], said)
    issue = call.forge.issues.find(repo, asked.number)
    if issue is None or issue.pull is not None:
        said = NO_ISSUE.format(number=asked.number)
        return _nothing({"repository": {"issue": None}}, ["repository", "issue"], said)
    return Answer({"data": {"repository": {"issue": _issue(call, issue)}}})


def _nothing(data: dict[str, Any], path: list[str], said: str) -> Answer:
    error = {"type": "NOT_FOUND", "path": path, "message": said}
    return Answer({"data": data, "errors": [error]})


def _issue(call: Call, issue: Issue) -> dict[str, Any]:
    history = call.forge.edits.of_issue(issue)
    comments = call.forge.comments.of(issue)
    nodes = [
        {"databaseId": one.id, **_last(call.forge.edits.of_comment(one))}
        for one in comments[:_FIRST]
    ]
    edited = [{"editedAt": moment(one.edited_at), "editor": _who(one.editor)} for one in history]
    return {
        "id": f"I_{issue.id}",
        **_last(history),
        "userContentEdits": {"totalCount": len(edited), "nodes": edited[:_FIRST]},
        "comments": {"totalCount": len(comments), "nodes": nodes},
    }


def _last(history: Sequence[Edit]) -> dict[str, Any]:
    if not history:
        return {"lastEditedAt": None, "editor": None}
    return {"lastEditedAt": moment(history[0].edited_at), "editor": _who(history[0].editor)}


def _who(account: Account) -> dict[str, Any]:
    """An actor; GraphQL names a bot without its `[bot]`."""
    login = account.login.removesuffix("[bot]") if account.kind == BOT else account.login
    return {"__typename": account.kind, "login": login, "databaseId": account.id}


OPERATIONS = (Operation("POST", "/graphql", edits, reads_only=True),)
