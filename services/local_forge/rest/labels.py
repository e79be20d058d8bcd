"""Labels of a repository and of issues."""

from collections.abc import Sequence
from typing import Any

from services.local_forge.domain.labels import DEFAULT_COLOR
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.issues import label_json
from services.local_forge.tables import Issue, Label

_LABELS = "/repos/{owner}/{repo}/labels"
_ON_ISSUE = "/repos/{owner}/{repo}/issues/{number}/labels"


class NewLabelBody(Body):
    """POST labels."""

    name: str
    color: str = DEFAULT_COLOR
    description: str | None = None


class LabelNamesBody(Body):
    """POST issues/{number}/labels; a bare list of names will do."""

    labels: list[str]


def listed(call: Call) -> Answer:
    """All labels of a repository."""
    repo, links = call.repo(), call.links
    return call.listed(call.forge.labels.list(repo), lambda one: label_json(one, repo, links))


def one(call: Call) -> Answer:
    """A label by its name."""
    repo = call.repo()
    return Answer(label_json(call.forge.labels.get(repo, call.params["name"]), repo, call.links))


def create(call: Call) -> Answer:
    """A new label."""
    repo, body = call.repo(), call.read(NewLabelBody)
    label = call.forge.labels.create(
        repo, actor=call.actor, name=body.name, color=body.color, description=body.description
    )
    return Answer(label_json(label, repo, call.links), 201)


def _shown(call: Call, issue: Issue) -> list[Any]:
    labels: Sequence[Label] = issue.labels
    return [label_json(label, issue.repository, call.links) for label in labels]


def of_issue(call: Call) -> Answer:
    """The labels that an issue carries."""
    issue, links = call.issue(), call.links
    return call.listed(issue.labels, lambda label: label_json(label, issue.repository, links))


def add(call: Call) -> Answer:
    """Put labels on an issue."""
    body = call.read(LabelNamesBody, bare="labels")
    issue = call.forge.labels.add(call.issue(), actor=call.actor, names=body.labels)
    return Answer(_shown(call, issue))


def remove(call: Call) -> Answer:
    """Take a label off an issue."""
    issue = call.forge.labels.remove(call.issue(), actor=call.actor, name=call.params["name"])
    return Answer(_shown(call, issue))


OPERATIONS = (
    Operation("GET", _LABELS, listed),
    Operation("POST", _LABELS, create),
    Operation("GET", f"{_LABELS}/{{name:path}}", one),
    Operation("GET", _ON_ISSUE, of_issue),
    Operation("POST", _ON_ISSUE, add),
    Operation("DELETE", f"{_ON_ISSUE}/{{name:path}}", remove),
)
