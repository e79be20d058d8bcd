"""Accounts, and the rate limit."""

from services.local_forge.rest.answer import Answer
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.people import user_json


def me(call: Call) -> Answer:
    """Whose token it is."""
    return Answer(user_json(call.actor.account, call.links))


def user(call: Call) -> Answer:
    """An account by its login."""
    return Answer(user_json(call.forge.accounts.get(call.params["login"]), call.links))


def rate_limit(call: Call) -> Answer:
    """What is left of the hour."""
    core = call.rates.of(call.actor.login)
    return Answer({"resources": {"core": core}, "rate": core})


OPERATIONS = (
    Operation("GET", "/rate_limit", rate_limit, is_kept=False),
    Operation("GET", "/user", me),
    Operation("GET", "/users/{login}", user),
)
