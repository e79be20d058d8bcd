"""Check runs."""

from datetime import datetime
from typing import Literal

from services.local_forge.domain.checks import CheckChange, CheckStatus, Conclusion
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.commits import resolved
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.checks import check_json

_REPO = "/repos/{owner}/{repo}"
_RUNS = f"{_REPO}/check-runs"
_Filter = Literal["latest", "all"]


class OutputBody(Body):
    """What a check run shows."""

    title: str | None = None
    summary: str | None = None
    text: str | None = None


class CheckBody(Body):
    """PATCH check-runs/{id}."""

    name: str | None = None
    external_id: str | None = None
    status: CheckStatus | None = None
    conclusion: Conclusion | None = None
    details_url: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    output: OutputBody | None = None

    def change(self) -> CheckChange:
        """As the domain takes it."""
        output = {} if self.output is None else self.output.model_dump(exclude_unset=True)
        return CheckChange(
            name=self.name,
            external_id=self.external_id,
            status=self.status,
            conclusion=self.conclusion,
            details_url=self.details_url,
            output=output,
            started_at=self.started_at,
            completed_at=self.completed_at,
        )


class NewCheckBody(CheckBody):
    """POST check-runs."""

    name: str
    head_sha: str


async def create(call: Call) -> Answer:
    """A new check run; only for an application's own account."""
    repo, body = call.repo(), call.read(NewCheckBody)
    check = await call.forge.checks.create(
        repo, actor=call.actor, sha=body.head_sha, name=body.name, ask=body.change()
    )
    return Answer(check_json(check, repo, call.links), 201)


def change(call: Call) -> Answer:
    """Change a check run of one's own."""
    repo, body = call.repo(), call.read(CheckBody)
    check = call.forge.checks.get(repo, call.number("id"))
    check = call.forge.checks.update(repo, check, actor=call.actor, ask=body.change())
    return Answer(check_json(check, repo, call.links))


def one(call: Call) -> Answer:
    """A check run."""
    repo = call.repo()
    check = call.forge.checks.get(repo, call.number("id"))
    return Answer(check_json(check, repo, call.links))


async def listed(call: Call) -> Answer:
    """The check runs of a commit: the newest of each name and application, or `filter=all`."""
    repo, links, query = call.repo(), call.links, call.request.query_params
    sha = await resolved(call, repo, call.params["ref"])
    every = call.chosen("filter", _Filter, "latest") == "all"
    rows = call.forge.checks.of(repo, sha) if every else call.forge.checks.latest(repo, sha)
    wanted = [
        check
        for check in rows
        if query.get("check_name") in (None, check.name)
        and query.get("status") in (None, check.status)
        and query.get("app_id") in (None, str(check.app_id))
    ]
    return call.listed(wanted, lambda check: check_json(check, repo, links), wrap="check_runs")


OPERATIONS = (
    Operation("POST", _RUNS, create),
    Operation("GET", f"{_RUNS}/{{id}}", one),
    Operation("PATCH", f"{_RUNS}/{{id}}", change),
    Operation("GET", f"{_REPO}/commits/{{ref:path}}/check-runs", listed),
)
