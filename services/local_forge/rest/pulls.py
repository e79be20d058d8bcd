"""Pull requests: listed, opened, changed, their files and commits, merged by people."""

from typing import Literal

from pydantic import Field

from services.local_forge.domain.listing import Direction, Listing, State
from services.local_forge.domain.merging import MergeAsk
from services.local_forge.domain.pulls import NewPull
from services.local_forge.problems import Invalid
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.issues import IssueBody, changed
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.commits import commit_json, file_json
from services.local_forge.shape.people import user_json
from services.local_forge.shape.pulls import pull_json, pull_of, short_pull_json
from services.local_forge.tables import Issue

ONLY_MERGE = "merge_method: this forge makes merge commits only; use merge"

_PULLS = "/repos/{owner}/{repo}/pulls"
_ONE = f"{_PULLS}/{{number}}"
_Sort = Literal["created", "updated"]


class NewPullBody(Body):
    """POST pulls."""

    title: str
    head: str
    base: str
    body: str | None = None
    draft: bool = False
    maintainer_can_modify: bool = True


class PullBody(Body):
    """PATCH pulls/{number}."""

    title: str | None = None
    body: str | None = None
    state: Literal["open", "closed"] | None = None


class MergeBody(Body):
    """PUT pulls/{number}/merge."""

    commit_title: str | None = None
    commit_message: str | None = None
    sha: str | None = None
    merge_method: Literal["merge", "squash", "rebase"] = "merge"


class ReviewersBody(Body):
    """POST requested_reviewers; there are no teams here."""

    reviewers: list[str] = Field(min_length=1)


def _wanted(issue: Issue, head: str | None, base: str | None) -> bool:
    pull = pull_of(issue)
    label = f"{issue.repository.owner.login}:{pull.head_ref}"
    return head in (None, label) and base in (None, pull.base_ref)


def listed(call: Call) -> Answer:
    """Pull requests; `head` is `owner:branch`."""
    links, query = call.links, call.request.query_params
    asked = Listing(
        state=call.chosen("state", State, "open"),
        sort=call.chosen("sort", _Sort, "created"),
        direction=call.chosen("direction", Direction, "desc"),
        kind="pulls",
    )
    found = call.forge.issues.list(call.repo(), asked)
    rows = [issue for issue in found if _wanted(issue, query.get("head"), query.get("base"))]
    return call.listed(rows, lambda issue: short_pull_json(issue, links))


async def _whole(call: Call, issue: Issue, status: int = 200) -> Answer:
    mergeable = await call.forge.pulls.mergeable(issue)
    return Answer(pull_json(issue, call.links, mergeable=mergeable), status)


async def one(call: Call) -> Answer:
    """A pull request, with whether it merges now."""
    return await _whole(call, call.pull())


async def create(call: Call) -> Answer:
    """Open one."""
    repo, body = call.repo(), call.read(NewPullBody)
    ask = NewPull(body.title, body.head, body.base, body.body, body.draft)
    issue = await call.forge.pulls.create(repo, actor=call.actor, ask=ask)
    return await _whole(call, issue, 201)


async def change(call: Call) -> Answer:
    """Another title, body or state."""
    issue, body = call.pull(), call.read(PullBody)
    given = body.model_dump(include=body.model_fields_set)
    return await _whole(call, changed(call, issue, IssueBody(**given)))


async def files(call: Call) -> Answer:
    """The changed files, with their patches."""
    issue, links = call.pull(), call.links
    head = pull_of(issue).head_sha
    rows = await call.forge.pulls.files(issue)
    return call.listed(rows, lambda file: file_json(file, issue.repository, links, head=head))


async def commits(call: Call) -> Answer:
    """The commits, parents before children."""
    issue, links, accounts = call.pull(), call.links, call.by_email()
    rows = await call.forge.pulls.commits(issue)
    return call.listed(
        rows, lambda commit: commit_json(commit, issue.repository, links, accounts=accounts)
    )


async def merge(call: Call) -> Answer:
    """Merge, if the rules of the base branch let it; counted whatever comes of it."""
    call.forge.witness.merge_calls += 1
    body = call.read(MergeBody)
    if body.merge_method != "merge":
        raise Invalid(ONLY_MERGE, field="merge_method", resource="PullRequest")
    ask = MergeAsk(body.sha, body.commit_title, body.commit_message)
    sha = await call.forge.merging.merge(call.pull(), actor=call.actor, ask=ask)
    return Answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def is_merged(call: Call) -> Answer:
    """204 if it was merged, else 404."""
    merged = pull_of(call.pull()).merged
    return Answer(status=204 if merged else 404)


def requested(call: Call) -> Answer:
    """Who was asked for a review."""
    users = [user_json(account, call.links) for account in call.pull().asked]
    return Answer({"users": users, "teams": []})


def request(call: Call) -> Answer:
    """Ask for reviews."""
    issue, body = call.pull(), call.read(ReviewersBody)
    accounts = [call.forge.accounts.find(login) for login in body.reviewers]
    known = [account for account in accounts if account is not None]
    if len(known) < len(accounts):
        said = f"{issue.subject}: one of the reviewers has no account; check the logins"
        raise Invalid(said, field="reviewers", resource="PullRequest")
    issue = call.forge.pulls.request_review(issue, actor=call.actor, accounts=known)
    return Answer(short_pull_json(issue, call.links), 201)


OPERATIONS = (
    Operation("GET", _PULLS, listed),
    Operation("POST", _PULLS, create),
    Operation("GET", _ONE, one),
    Operation("PATCH", _ONE, change),
    Operation("GET", f"{_ONE}/files", files),
    Operation("GET", f"{_ONE}/commits", commits),
    Operation("GET", f"{_ONE}/merge", is_merged),
    Operation("PUT", f"{_ONE}/merge", merge),
    Operation("GET", f"{_ONE}/requested_reviewers", requested),
    Operation("POST", f"{_ONE}/requested_reviewers", request),
)
