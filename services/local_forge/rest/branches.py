"""Branches and the rules that protect them."""

from services.local_forge.domain.roles import at_least
from services.local_forge.problems import Forbidden, Unknown
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.rest.serving import READ_ONLY
from services.local_forge.shape.commits import commit_json
from services.local_forge.shape.rulesets import rule_json, ruleset_json, short_ruleset_json

NOT_PROTECTED = "Branch not protected"
NO_BRANCH = "Branch not found"

_REPO = "/repos/{owner}/{repo}"


async def one(call: Call) -> Answer:
    """A branch with its head; `protected` counts rulesets too."""
    repo, links, name = call.repo(), call.links, call.params["branch"]
    git = call.forge.repositories.git(repo)
    sha = await git.head(name)
    if sha is None:
        raise Unknown(NO_BRANCH)
    classic = call.forge.protection.classic(repo, name)
    rules = call.forge.protection.rules(repo, name)
    commit = commit_json(await git.commit(sha), repo, links, accounts=call.by_email())
    return Answer(
        {
            "name": name,
            "commit": commit,
            "protected": classic is not None or bool(rules),
            "protection": {"enabled": classic is not None},
            "protection_url": links.api(repo, "branches", name, "protection"),
        }
    )


def protection(call: Call) -> Answer:
    """The older protection of a branch; only admins read it, as on GitHub."""
    repo = call.repo()
    if not call.forge.roles.can(repo, call.actor.account, "admin"):
        raise Forbidden(READ_ONLY)
    settings = call.forge.protection.classic(repo, call.params["branch"])
    if settings is None:
        raise Unknown(NOT_PROTECTED)
    url = call.links.api(repo, "branches", call.params["branch"], "protection")
    return Answer({"url": url, **settings})


def rules(call: Call) -> Answer:
    """Every active rule of a branch, whether or not the branch is there."""
    repo = call.repo()
    rows = call.forge.protection.rules(repo, call.params["branch"])
    return call.listed(rows, lambda row: rule_json(row[0], row[1], repo))


def rulesets(call: Call) -> Answer:
    """The rulesets, without their rules."""
    repo, links = call.repo(), call.links
    rows = call.forge.protection.rulesets(repo)
    return call.listed(rows, lambda ruleset: short_ruleset_json(ruleset, repo, links))


def ruleset(call: Call) -> Answer:
    """A ruleset; who may bypass it is told to admins only, whether the caller may to everybody."""
    repo = call.repo()
    found = call.forge.protection.ruleset(repo, call.number("id"))
    shown = ruleset_json(found, repo, call.links)
    bypass = call.forge.protection.bypass(repo, found, call.actor)
    shown = {**shown, "current_user_can_bypass": bypass}
    if at_least(call.forge.roles.of(repo, call.actor.account), "admin"):
        shown = {**shown, "bypass_actors": found.bypass}
    return Answer(shown)


OPERATIONS = (
    Operation("GET", f"{_REPO}/branches/{{branch:path}}/protection", protection),
    Operation("GET", f"{_REPO}/branches/{{branch:path}}", one),
    Operation("GET", f"{_REPO}/rules/branches/{{branch:path}}", rules),
    Operation("GET", f"{_REPO}/rulesets", rulesets),
    Operation("GET", f"{_REPO}/rulesets/{{id}}", ruleset),
)
