"""A handler's signature is its contract: what it hears, and what it may say."""

import collections.abc
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Never, TypeAlias, Union, get_args, get_origin, get_type_hints

from shared.jobs import Duty, GaveUp, Job, Said
from shared.messages import Message
from shared.store import Handling

Handler: TypeAlias = Callable[[Any, Handling], Said | None]
"""A plain function: message and handling in, messages and jobs out."""


@dataclass(frozen=True)
class Reaction:
    """A handler with what its signature says."""

    handler: Handler
    hears: type[Message]
    says: frozenset[type[Message | Job]]

    @property
    def topic(self) -> str:
        """The topic its queue is bound to."""
        return self.hears.topic


def read_handler(handler: Handler) -> list[Reaction]:
    """The contract of `def handler(message: X, at: Handling) -> list[Y | Z]`.

    One reaction for each message that it hears: `message: X | XAsItIsNow` are two versions of one.
    TypeError names the handler and what its signature lacks.
    """
    name, hints, parameters = _read(handler)
    hears = _members(hints.get(parameters[0])) if parameters else ()
    if not hears or not all(isinstance(one, type) and issubclass(one, Message) for one in hears):
        raise TypeError(f"{name}: the first parameter must be annotated with one message")
    if len(parameters) != 2 or hints.get(parameters[1]) is not Handling:
        raise TypeError(f"{name}: the second parameter must be annotated with Handling")
    says = _said(name, hints.get("return", None))
    return [Reaction(handler, one, says) for one in hears]


def read_duty(work: Callable[..., Any], gave_up: GaveUp | None = None) -> Duty:
    """The contract of `async def work(job: J, at: JobContext) -> Outcome[Y | Z]`."""
    name, hints, parameters = _read(work)
    job = hints.get(parameters[0]) if parameters else None
    if not (isinstance(job, type) and issubclass(job, Job)):
        raise TypeError(f"{name}: the first parameter must be annotated with one job")
    outcome = hints.get("return")
    if get_origin(outcome) is not collections.abc.Callable:
        raise TypeError(f"{name}: the return annotation must be Outcome[…]")
    says = _said(name, get_args(outcome)[1])
    if gave_up is not None:
        says |= _said(name, _read(gave_up)[1].get("return"))
    return Duty(job, work, says, gave_up)


def _read(function: Callable[..., Any]) -> tuple[str, dict[str, Any], list[str]]:
    name = f"{function.__module__}.{getattr(function, '__qualname__', function)}"
    parameters = list(inspect.signature(function).parameters)
    target = getattr(function, "__func__", function)
    return name, get_type_hints(target), parameters


def _said(name: str, annotation: Any) -> frozenset[type[Message | Job]]:
    if annotation is None or annotation is type(None):
        return frozenset()
    inner = get_args(annotation)
    if not isinstance(get_origin(annotation), type) or len(inner) < 1:
        raise TypeError(f"{name}: the return annotation must be a list of messages and jobs")
    members = _members(inner[0])
    if members == (Never,):
        return frozenset()
    kinds = [kind for kind in members if isinstance(kind, type) and issubclass(kind, Message | Job)]
    if len(kinds) != len(members):
        raise TypeError(f"{name}: {annotation} names something that is neither message nor job")
    return frozenset(kinds)


def _members(annotation: Any) -> tuple[Any, ...]:
    """The parts of a union, or the one thing that it is."""
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (annotation,)
