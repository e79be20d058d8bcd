"""One side of the conversation, told from signatures alone: what a service hears and may say."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from shared.bus.service import Service
from shared.messages import Message


@dataclass(frozen=True)
class Party:
    """A service by its name, with the messages that it hears and those that it may say."""

    name: str
    hears: frozenset[type[Message]]
    says: frozenset[type[Message]]
    every_instance: frozenset[type[Message]] = frozenset()
    """Those of `hears` that each instance hears for itself."""


def party_of(service: Service, *, ticks: Sequence[Callable[..., Any]] = ()) -> Party:
    """What the handlers and jobs of a service that was built, and need not be started, name in their
    signatures. `ticks`: functions of its timers that say messages themselves."""
    reactions = [each for some in service.reactions.values() for each in some]
    for_each = {topic for queue in service.queues() if queue.instance for topic in queue.topics}
    said = [kind for reaction in reactions for kind in reaction.says]
    said += [kind for duty in service.duties.values() for kind in duty.says]
    return Party(
        name=service.name,
        hears=frozenset(each.hears for each in reactions),
        says=_with_versions((*_only_messages(said), *(m for tick in ticks for m in _said(tick)))),
        every_instance=frozenset(each.hears for each in reactions if each.topic in for_each),
    )


def _with_versions(kinds: Iterable[type[Message]]) -> frozenset[type[Message]]:
    """With those that are said beside them."""
    said = frozenset(kinds)
    return said | {kind.beside for kind in said if kind.beside is not None}


def _said(function: Callable[..., Any]) -> Iterator[type[Message]]:
    hints = get_type_hints(getattr(function, "__func__", function))
    return _only_messages(_named(hints.get("return")))


def _named(annotation: Any) -> Iterator[Any]:
    """Everything that an annotation is made of."""
    yield annotation
    for part in get_args(annotation):
        yield from _named(part)


def _only_messages(kinds: Iterable[Any]) -> Iterator[type[Message]]:
    return (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Message))
