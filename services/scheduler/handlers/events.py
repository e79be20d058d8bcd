"""Custom events: they can ask for work, never open a gate."""

from pydantic import JsonValue

from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.records import Wanted, policy_of, repository, want
from shared.messages.content import RunKind
from shared.messages.custom import CustomEvent
from shared.messages.ids import proposals_run
from shared.messages.work import EventAnswered
from shared.policy import mismatches
from shared.store import Handling

NOBODY = "accepted; nobody listens: triggers: has no custom.{name}"
UNKNOWN = "accepted; this repository has not been observed"
WRONG = "not taken: {why}"
TAKEN = "{role} was asked to look"


def answer(message: CustomEvent, at: Handling) -> list[Dispatched | EventAnswered]:
    """Ask the role that the policy's `triggers:` names, and say what came of it."""
    known = repository(at.session, message.repo)
    if known is None:
        return [_answered(message, at, UNKNOWN)]
    trigger = policy_of(known).triggers.get(f"custom.{message.name}")
    if trigger is None:
        return [_answered(message, at, NOBODY.format(name=message.name))]
    wrong = mismatches(trigger.fields, dict(message.data))
    if wrong:
        return [_answered(message, at, WRONG.format(why="; ".join(wrong)))]
    run = proposals_run(message.repo.id, str(at.id))
    event: dict[str, JsonValue] = {"name": message.name, "data": message.data}
    want(at, message.repo.id, Wanted(run, RunKind.PROPOSALS, event=event))
    said = _answered(message, at, TAKEN.format(role=trigger.role))
    return [said.model_copy(update={"run": run}), *dispatch(at, message.repo)]


def _answered(message: CustomEvent, at: Handling, words: str) -> EventAnswered:
    return EventAnswered(repo=message.repo, event=at.id, name=message.name, answer=words)
