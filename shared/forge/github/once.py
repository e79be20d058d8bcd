"""Making a thing once: look for it, make it, and after a lost answer look again, never make again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import BadInput
from shared.forge.github.errors import Unanswered

NO_MARKER = "{subject}: the text does not hold its marker {marker!r}; put it in the text"

Made = TypeVar("Made")


async def once(
    find: Callable[[], Awaitable[Made | None]], make: Callable[[], Awaitable[Made]]
) -> Made:
    """What `find` finds, else what `make` makes.

    A forge may do a thing and not answer. Then it is looked for; if it is not (yet) to be seen the
    error goes up, and the next call begins with looking again.
    """
    found = await find()
    if found is not None:
        return found
    try:
        return await make()
    except Unanswered:
        found = await find()
        if found is None:
            raise
        return found


def marked(body: str, marker: str, *, subject: str) -> None:
    """Raises BadInput for a text that could not be found again by its marker."""
    if not marker.strip() or marker not in body:
        raise BadInput(NO_MARKER.format(subject=subject, marker=marker))


def same_text(one: str, other: str) -> bool:
    """Equal but for line ends and outer blanks, which forges change."""
    return " ".join(one.split()) == " ".join(other.split())
