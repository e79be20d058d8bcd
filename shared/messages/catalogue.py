"""Every message there is, by topic."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from shared.errors import BadInput
from shared.messages import custom, draft, gate, observed, work
from shared.messages.base import Message


def _messages() -> Iterator[type[Message]]:
    for module in (observed, gate, work, draft, custom):
        for thing in vars(module).values():
            if (
                isinstance(thing, type)
                and issubclass(thing, Message)
                and "topic" in vars(thing)
                and thing.__module__ == module.__name__
            ):
                yield thing


CATALOGUE: dict[str, type[Message]] = {message.topic: message for message in _messages()}


def said_when(message: type[Message]) -> str:
    """The first sentence of a message's docstring: when it is sent."""
    return " ".join((message.__doc__ or "").split("\n\n")[0].split())


def of_topic(topic: str) -> type[Message] | None:
    """The message class of a concrete topic; None for one nobody knows."""
    if topic.startswith("custom."):
        return custom.CustomEvent if topic.endswith(".v1") else None
    return CATALOGUE.get(topic)


def read(topic: str, body: bytes, *, kinds: Mapping[str, type[Message]] = CATALOGUE) -> Message:
    """The message in `body`; BadInput names the topic and every field that is wrong.

    `kinds`: the messages that the reader knows, by topic.
    """
    known = kinds.get(topic) or of_topic(topic)
    if known is None:
        raise BadInput(
            f"{topic}: nobody knows this topic; `gatefleet messages` lists the catalogue"
        )
    try:
        return known.model_validate_json(body)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, at['loc'])) or 'body'}: {at['msg']}" for at in error.errors()[:5]
        )
        raise BadInput(f"{topic}: not a message of this version: {wrong}") from None
