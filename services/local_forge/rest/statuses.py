"""Commit statuses."""

from services.local_forge.domain.statuses import NewStatus, StatusState
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.commits import resolved
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.checks import combined_json, status_json

_REPO = "/repos/{owner}/{repo}"


class StatusBody(Body):
    """POST statuses/{sha}."""

    state: StatusState
    context: str = "default"
    description: str | None = None
    target_url: str | None = None


async def combined(call: Call) -> Answer:
    """The combined state, with the newest status of each context."""
    repo, links = call.repo(), call.links
    sha = await resolved(call, repo, call.params["ref"])
    statuses = call.forge.statuses
    state, latest = statuses.combined(repo, sha), statuses.latest(repo, sha)
    shown = call.listed(latest, lambda one: status_json(one, repo, links), wrap="statuses")
    whole = combined_json(state, latest, repo, sha=sha, links=links)
    return Answer({**whole, **shown.body}, headers=shown.headers, items="statuses")


async def listed(call: Call) -> Answer:
    """Every status of a commit, newest first."""
    repo, links = call.repo(), call.links
    sha = await resolved(call, repo, call.params["ref"])
    rows = call.forge.statuses.of(repo, sha)
    return call.listed(rows, lambda one: status_json(one, repo, links))


async def create(call: Call) -> Answer:
    """Post a status on a whole SHA."""
    repo, body = call.repo(), call.read(StatusBody)
    ask = NewStatus(body.state, body.context, body.description, body.target_url)
    status = await call.forge.statuses.create(
        repo, actor=call.actor, sha=call.params["sha"], ask=ask
    )
    return Answer(status_json(status, repo, call.links), 201)


OPERATIONS = (
    Operation("GET", f"{_REPO}/commits/{{ref:path}}/status", combined),
    Operation("GET", f"{_REPO}/commits/{{ref:path}}/statuses", listed),
    Operation("POST", f"{_REPO}/statuses/{{sha}}", create),
)
