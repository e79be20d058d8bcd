"""Whether what somebody wants to say is a message, before it is said. Pure."""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from services.cli.publishing.fields import Json, Schema, typed
from shared.errors import BadInput
from shared.messages import CATALOGUE, Message, Repo, of_topic
from shared.messages.custom import NAME, CustomEvent
from shared.policy import Trigger, mismatches

UNKNOWN_TOPIC = "{topic}: nobody knows this topic;{near} `gatefleet messages` lists the catalogue"
NEAR = " is it {near}?"
BAD_NAME = (
    "{topic}: is no name of an event; use lower-case words joined by dots: custom.sentry.alert"
)
WRONG = "{topic}: {field}: {why}; `gatefleet messages {topic}` lists its fields"
NOT_THE_FORM = "{why}; the policy's `triggers:` says which form {topic} has"
CUSTOM, VERSION = "custom.", "v1"
MOST_ERRORS = 20

Triggers = Mapping[str, Trigger]


@dataclass(frozen=True)
class Topic:
    """A topic that somebody named, whole, and the message that is said on it."""

    name: str
    kind: type[Message]

    @property
    def event(self) -> str | None:
        """A custom event's name, such as `sentry.alert`; None for the others."""
        if self.kind is not CustomEvent:
            return None
        return self.name[len(CUSTOM) : -len(f".{VERSION}")]

    @property
    def shown(self) -> str:
        """As people call it: an event without its version."""
        return f"{CUSTOM}{self.event}" if self.event is not None else self.name


def topic(given: str) -> Topic:
    """The topic that is meant; `.v1` is implied. BadInput when there is none like it."""
    name = given if re.search(r"\.v\d+$", given) else f"{given}.{VERSION}"
    kind = of_topic(name)
    if kind is None or name == CustomEvent.topic:
        near = difflib.get_close_matches(name, CATALOGUE, n=1)
        hint = NEAR.format(near=near[0]) if near else ""
        raise BadInput(UNKNOWN_TOPIC.format(topic=given, near=hint))
    found = Topic(name, kind)
    if found.event is not None and not NAME.fullmatch(found.event):
        raise BadInput(BAD_NAME.format(topic=given))
    return found


def message(
    of: Topic, pairs: Sequence[str], given: Json | None, *, repo: Repo, triggers: Triggers
) -> Message:
    """The message. `given`: a JSON object, whose fields those of `pairs` go over. `triggers`: what the
    policy says of events, as far as it is at hand. BadInput: one line for each thing that is wrong."""
    if of.event is None:
        body = typed(pairs, of.kind.model_json_schema(), into=given)
        return _read(of, {"repo": repo.model_dump(), **body})
    trigger = triggers.get(of.shown)
    data = typed(pairs, _form(trigger), into=given)
    wrong = mismatches(trigger.fields, data, path=of.shown) if trigger is not None else ()
    if wrong:
        lines = (NOT_THE_FORM.format(why=each, topic=of.shown) for each in wrong)
        raise BadInput("\n".join(lines))
    return _read(of, {"repo": repo.model_dump(), "name": of.event, "data": data})


def _form(trigger: Trigger | None) -> Schema:
    if trigger is None:
        return {}
    return trigger.fields.model_dump(mode="json", by_alias=True, exclude_none=True)


def _read(of: Topic, body: Json) -> Message:
    try:
        return of.kind.model_validate_json(json.dumps(body))
    except ValidationError as error:
        lines = [
            WRONG.format(
                topic=of.shown, field=".".join(map(str, each["loc"])) or "it",
                why=each["msg"].removeprefix("Value error, "),
            )
            for each in error.errors(include_url=False, include_input=False)[:MOST_ERRORS]
        ]  # fmt: skip
        raise BadInput("\n".join(lines)) from None
