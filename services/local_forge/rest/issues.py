"""Issues: listed (pull requests included), read, written, changed."""

from typing import Literal

from pydantic import Field

from services.local_forge.domain.listing import Direction, Listing, Sort, State
from services.local_forge.problems import Invalid
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.issues import issue_json
from services.local_forge.tables import Issue

_ISSUES = "/repos/{owner}/{repo}/issues"
_REASON_WITHOUT_STATE = "state_reason: it goes with state; send both"


class NewIssueBody(Body):
    """POST issues."""

    title: str
    body: str | None = None
    labels: list[str] = Field(default_factory=list)


class IssueBody(Body):
    """PATCH issues/{number}; what is absent stays."""

    title: str | None = None
    body: str | None = None
    state: Literal["open", "closed"] | None = None
    state_reason: Literal["completed", "not_planned", "duplicate", "reopened"] | None = None


def asked_listing(call: Call) -> Listing:
    """The filters and the order in the query."""
    names = call.request.query_params.get("labels", "")
    return Listing(
        state=call.chosen("state", State, "open"),
        since=call.time("since"),
        labels=tuple(name for name in names.split(",") if name.strip()),
        sort=call.chosen("sort", Sort, "created"),
        direction=call.chosen("direction", Direction, "desc"),
    )


def listed(call: Call) -> Answer:
    """Issues and pull requests."""
    links = call.links
    rows = call.forge.issues.list(call.repo(), asked_listing(call))
    return call.listed(rows, lambda issue: issue_json(issue, links))


def one(call: Call) -> Answer:
    """An issue, or a pull request seen as one."""
    return Answer(issue_json(call.issue(), call.links))


def create(call: Call) -> Answer:
    """A new issue."""
    repo, body = call.repo(), call.read(NewIssueBody)
    issue = call.forge.issues.create(
        repo, actor=call.actor, title=body.title, body=body.body, labels=body.labels
    )
    return Answer(issue_json(issue, call.links), 201)


def change(call: Call) -> Answer:
    """Another title, body or state."""
    return Answer(issue_json(changed(call, call.issue(), call.read(IssueBody)), call.links))


def changed(call: Call, issue: Issue, body: IssueBody) -> Issue:
    """Carry out a PATCH, all of it or nothing."""
    forge, actor = call.forge, call.actor
    if body.state is None and body.state_reason is not None:
        raise Invalid(_REASON_WITHOUT_STATE, field="state_reason", resource="Issue")
    text = "" if "body" in body.model_fields_set and body.body is None else body.body
    with forge.context.store.transaction():
        if body.title is not None or text is not None:
            issue = forge.issues.edit(issue, actor=actor, title=body.title, body=text)
        if body.state == "closed":
            reason = body.state_reason or "completed"
            issue = forge.issues.close(issue, actor=actor, reason=reason)
        elif body.state == "open":
            issue = forge.issues.reopen(issue, actor=actor)
    return issue


OPERATIONS = (
    Operation("GET", _ISSUES, listed),
    Operation("POST", _ISSUES, create),
    Operation("GET", f"{_ISSUES}/{{number}}", one),
    Operation("PATCH", f"{_ISSUES}/{{number}}", change),
)
