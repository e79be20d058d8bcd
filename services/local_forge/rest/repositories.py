"""Repositories and the roles in them."""

from services.local_forge.domain.roles import permission_of
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.people import permissions_json, repository_json, user_json

_REPO = "/repos/{owner}/{repo}"


def repository(call: Call) -> Answer:
    """A repository, with what the caller may do in it."""
    repo = call.repo()
    role = call.forge.roles.of(repo, call.actor.account)
    return Answer(repository_json(repo, call.links, role=role))


def permission(call: Call) -> Answer:
    """The live role of an account; 404 where there is no such account."""
    repo = call.repo()
    call.forge.roles.require(repo, call.actor, "read")
    account = call.forge.accounts.get(call.params["user"])
    role = call.forge.roles.of(repo, account)
    person = {
        **user_json(account, call.links),
        "permissions": permissions_json(role),
        "role_name": role,
    }
    return Answer({"permission": permission_of(role), "role_name": role, "user": person})


OPERATIONS = (
    Operation("GET", _REPO, repository),
    Operation("GET", f"{_REPO}/collaborators/{{user}}/permission", permission),
)
