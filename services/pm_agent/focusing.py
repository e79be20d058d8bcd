"""What proposals should be about: the request's focus, and the words of the event that asks."""

from collections.abc import Iterator

from pydantic import JsonValue

from shared.messages.work import ProposalsRequested

LENGTH_LIMIT = 1000


def focus_of(request: ProposalsRequested) -> str:
    """One line. Words of an event come last and only sort what the finders found by themselves."""
    words = [request.focus, *_texts(request.event or {})]
    return " ".join(" ".join(words).split())[:LENGTH_LIMIT]


def _texts(value: JsonValue) -> Iterator[str]:
    """Every text in the values of `value`, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
