"""Custom events: they can ask for work, never open a gate."""

from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import func, select

from services.scheduler.caps import begun, over
from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.records import WAITING, Wanted, named, policy_of, want
from services.scheduler.requests import standing
from services.scheduler.tables import Repository, Run
from services.scheduler.waiting import shut
from shared.messages.content import RunKind
from shared.messages.custom import CustomEvent
from shared.messages.ids import proposals_run
from shared.messages.work import EventAnswered
from shared.policy import FieldSchema, mismatches
from shared.store import Handling

NOBODY = "accepted; nobody listens: triggers: has no custom.{name}"
UNKNOWN = "accepted; this repository has not been observed"
WRONG = "not taken: {why}"
TAKEN = "{role} was asked to look"
LATER = "{role} will be asked to look when its turn comes"
CAPPED = "not taken: {why}; {words}"
FULL = (
    "not taken: {count} of {limit} proposals wait for people (limits.open_proposals); "
    "approve or decline one first"
)
SHUT = "not taken: {why}; {words}"
SHUT_ONLY = "not taken: {why}"
CAP_WORDS = "raise it in .gatefleet.yml, or ask again tomorrow"
CROWD = "not taken: {count} looks wait or run already; ask again when one of them has ended"

PROPOSE = "propose"
"""Built in: anyone may ask pm-agent to look now. It needs no trigger, and a policy cannot change it."""
PROPOSE_FIELDS = FieldSchema(
    type="object", properties={"focus": FieldSchema(type="string", max_length=200)}
)
LOOKS = 10
"""Looks that may wait or run at one time, however many events ask: events come from anyone."""


def answer(message: CustomEvent, at: Handling) -> list[Dispatched | EventAnswered]:
    """Ask the role that the policy's `triggers:` names, and say what came of it."""
    known = named(at.session, message.repo)
    if known is None or not known.head_sha:
        return [_answered(message, at, UNKNOWN)]
    message = message.model_copy(update={"repo": known.repo})
    trigger = policy_of(known).triggers.get(f"custom.{message.name}")
    if message.name == PROPOSE:
        fields, role = PROPOSE_FIELDS, "pm-agent"
    elif trigger is not None:
        fields, role = trigger.fields, trigger.role
    else:
        return [_answered(message, at, NOBODY.format(name=message.name))]
    wrong = mismatches(fields, dict(message.data))
    if wrong:
        return [_answered(message, at, WRONG.format(why="; ".join(wrong)))]
    if (no := _no_room(message, at, known)) is not None:
        return [_answered(message, at, no)]
    run = proposals_run(message.repo.id, str(at.id))
    want(at, message.repo.id, _look(message, run=run))
    sent = dispatch(at)
    waits = at.session.get_one(Run, run).state == "wanted"
    said = _answered(message, at, (LATER if waits else TAKEN).format(role=role))
    return [said.model_copy(update={"run": run}), *sent]


def _look(message: CustomEvent, *, run: UUID) -> Wanted:
    if message.name == PROPOSE:
        return Wanted(run, RunKind.PROPOSALS, focus=str(message.data.get("focus", "")))
    event: dict[str, JsonValue] = {"name": message.name, "data": message.data}
    return Wanted(run, RunKind.PROPOSALS, event=event)


def _no_room(message: CustomEvent, at: Handling, known: Repository) -> str | None:
    """Which limit stands against a look, in words; None: it may be wanted."""
    looks = at.session.scalar(
        select(func.count()).select_from(Run).where(
            Run.repo_id == known.id, Run.kind == RunKind.PROPOSALS.value, Run.state.in_(WAITING)
        )
    ) or 0  # fmt: skip
    if looks >= LOOKS:
        return CROWD.format(count=looks)
    if message.name != PROPOSE:
        return None
    # A person waits for this answer: what would keep it waiting, or make it useless, is said now.
    if (held := shut(known)) is not None:
        words = SHUT if held.words else SHUT_ONLY
        return words.format(why=held.why, words=held.words)
    policy = policy_of(known)
    if (cap := over(policy, of_repository=begun(at, known.id))) is not None:
        return CAPPED.format(why=cap.why, words=CAP_WORDS)
    limit = policy.limits.open_proposals
    count = sum(each.open for each in standing(at.session, known))
    return FULL.format(count=count, limit=limit) if count >= limit else None


def _answered(message: CustomEvent, at: Handling, words: str) -> EventAnswered:
    return EventAnswered(repo=message.repo, event=at.id, name=message.name, answer=words)
