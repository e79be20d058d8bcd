"""Webhooks of a repository, the log of their deliveries, and redelivery."""

from typing import Literal

from pydantic import Field

from services.local_forge.problems import Forbidden
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.rest.serving import READ_ONLY
from services.local_forge.shape.hooks import delivery_json, hook_json, short_delivery_json
from services.local_forge.tables import Delivery, Hook, Repository
from services.local_forge.tables.people import Role

_HOOKS = "/repos/{owner}/{repo}/hooks"
_LOG = f"{_HOOKS}/{{id}}/deliveries"


class ConfigBody(Body):
    """Where to send, and the secret to sign with."""

    url: str
    secret: str = ""
    content_type: Literal["json"] = "json"
    insecure_ssl: Literal["0"] = "0"


class HookBody(Body):
    """POST hooks."""

    config: ConfigBody
    name: Literal["web"] = "web"
    events: list[str] = Field(default_factory=lambda: ["push"])
    active: Literal[True] = True


def _allowed(call: Call) -> Repository:
    """Admins, and an application with write (GitHub: its permission `repository_hooks`)."""
    repo = call.repo()
    needed: Role = "write" if call.actor.app is not None else "admin"
    if not call.forge.roles.can(repo, call.actor.account, needed):
        raise Forbidden(READ_ONLY)
    return repo


def _hook(call: Call) -> tuple[Repository, Hook]:
    repo = _allowed(call)
    return repo, call.forge.webhooks.hook(repo, call.number("id"))


def _delivery(call: Call) -> tuple[Repository, Delivery]:
    repo, hook = _hook(call)
    return repo, call.forge.webhooks.delivery(hook, call.number("delivery"))


def listed(call: Call) -> Answer:
    """All webhooks; their secrets are not told."""
    repo, links = _allowed(call), call.links
    return call.listed(call.forge.webhooks.hooks(repo), lambda hook: hook_json(hook, repo, links))


def create(call: Call) -> Answer:
    """A new webhook; it is sent a ping."""
    repo, body = _allowed(call), call.read(HookBody)
    hook = call.forge.webhooks.create(
        repo,
        sender=call.actor.account,
        url=body.config.url,
        secret=body.config.secret,
        events=body.events,
    )
    return Answer(hook_json(hook, repo, call.links), 201)


def one(call: Call) -> Answer:
    """A webhook."""
    repo, hook = _hook(call)
    return Answer(hook_json(hook, repo, call.links))


def deliveries(call: Call) -> Answer:
    """What was sent, newest first, without the bodies."""
    repo, hook = _hook(call)
    rows = call.forge.webhooks.deliveries(hook)
    return call.listed(rows, lambda delivery: short_delivery_json(delivery, repo))


def delivery(call: Call) -> Answer:
    """One delivery with request and response."""
    repo, found = _delivery(call)
    return Answer(delivery_json(found, repo))


def redeliver(call: Call) -> Answer:
    """Send it again, under the same guid."""
    _, found = _delivery(call)
    call.forge.webhooks.redeliver(found)
    return Answer({}, 202)


OPERATIONS = (
    Operation("GET", _HOOKS, listed, is_kept=False),
    Operation("POST", _HOOKS, create),
    Operation("GET", f"{_HOOKS}/{{id}}", one, is_kept=False),
    Operation("GET", _LOG, deliveries, is_kept=False),
    Operation("GET", f"{_LOG}/{{delivery}}", delivery, is_kept=False),
    Operation("POST", f"{_LOG}/{{delivery}}/attempts", redeliver, for_readers=True),
)
