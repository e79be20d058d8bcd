"""Refs: read, made on a commit that is there, deleted."""

from services.local_forge.git.facts import NO_OBJECT, RefUpdate
from services.local_forge.problems import Invalid, Unknown
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.people import Json
from services.local_forge.tables import Repository
from shared.errors import TryLater

EXISTS = "Reference already exists"
MISSING = "Reference does not exist"
NO_OBJECT_HERE = "Object does not exist"
ONLY_BRANCHES = "{ref}: refs are made under refs/heads/ only; name a branch"
PROTECTED = "Cannot delete protected branch {ref}"

_GIT = "/repos/{owner}/{repo}/git"
_HEADS = "refs/heads/"


class RefBody(Body):
    """POST git/refs."""

    ref: str
    sha: str


def _shown(call: Call, repo: Repository, *, ref: str, sha: str) -> Json:
    return {
        "ref": ref,
        "node_id": f"REF_{repo.id}_{ref}",
        "url": call.links.api(repo, "git", ref),
        "object": {
            "sha": sha,
            "type": "commit",
            "url": call.links.api(repo, "git", "commits", sha),
        },
    }


async def one(call: Call) -> Answer:
    """A ref by its whole name without `refs/`."""
    repo = call.repo()
    ref = f"refs/{call.params['ref']}"
    sha = await call.forge.repositories.git(repo).ref(ref)
    if sha is None:
        raise Unknown
    return Answer(_shown(call, repo, ref=ref, sha=sha))


async def matching(call: Call) -> Answer:
    """Every ref whose name starts so; an empty list if none does."""
    repo = call.repo()
    found = await call.forge.repositories.git(repo).refs(f"refs/{call.params['ref']}")
    return call.listed(
        sorted(found.items()), lambda pair: _shown(call, repo, ref=pair[0], sha=pair[1])
    )


async def create(call: Call) -> Answer:
    """A new branch."""
    repo, body = call.repo(), call.read(RefBody)
    call.forge.roles.require(repo, call.actor, "write")
    git = call.forge.repositories.git(repo)
    if not body.ref.startswith(_HEADS):
        raise Invalid(ONLY_BRANCHES.format(ref=body.ref), field="ref", resource="Reference")
    if await git.resolve(body.sha) != body.sha:
        raise Invalid(NO_OBJECT_HERE, field="sha", resource="Reference")
    if await git.ref(body.ref) is not None:
        raise Invalid(EXISTS, field="ref", resource="Reference")
    try:
        await git.update_ref(body.ref, body.sha, NO_OBJECT)
    except TryLater as error:
        raise Invalid(str(error), field="ref", resource="Reference") from None
    moved = RefUpdate(body.ref, NO_OBJECT, body.sha)
    await call.forge.pushes.landed(repo, call.actor, [moved])
    return Answer(_shown(call, repo, ref=body.ref, sha=body.sha), 201)


async def delete(call: Call) -> Answer:
    """A branch gone, unless rules keep it."""
    repo = call.repo()
    call.forge.roles.require(repo, call.actor, "write")
    git = call.forge.repositories.git(repo)
    ref = f"refs/{call.params['ref']}"
    sha = await git.ref(ref)
    if sha is None or not ref.startswith(_HEADS):
        raise Invalid(MISSING, field="ref", resource="Reference")
    branch = ref.removeprefix(_HEADS)
    kept = any(rule["type"] == "deletion" for rule, _ in call.forge.protection.rules(repo, branch))
    if kept or branch == repo.default_branch:
        raise Invalid(PROTECTED.format(ref=ref), field="ref", resource="Reference")
    await git.delete_ref(ref)
    await call.forge.pushes.landed(repo, call.actor, [RefUpdate(ref, sha, NO_OBJECT)])
    return Answer(status=204)


OPERATIONS = (
    Operation("GET", f"{_GIT}/ref/{{ref:path}}", one),
    Operation("GET", f"{_GIT}/matching-refs/{{ref:path}}", matching),
    Operation("POST", f"{_GIT}/refs", create),
    Operation("DELETE", f"{_GIT}/refs/{{ref:path}}", delete),
)
