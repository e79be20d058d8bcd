"""An issue as a finder words it: a proposal without its ids, digest and note."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.pm_agent.found import Found

Size = Literal["small", "medium", "large"]
Priority = Literal["high", "medium", "low"]

NOTHING_BREAKS = "Every test that passes now still passes."

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f`]+")


@dataclass(frozen=True)
class Identity:
    """What makes it the same issue next time: never a line number, never a message.

    `smaller`: rules of issues that this one has grown out of, e.g. one kind of finding less.
    """

    rule: str
    paths: tuple[str, ...]
    smaller: tuple[str, ...] = ()


@dataclass(frozen=True)
class Issue:
    """One issue that a person could approve. `mend`: how far a fixer gets with it."""

    identity: Identity
    title: str
    why: str
    criteria: tuple[str, ...]
    found: tuple[Found, ...]
    size: Size
    priority: Priority
    paths: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    mend: Literal["surely", "perhaps", "not"] = "not"


def code(text: str) -> str:
    """A name in backticks, on one line, with nothing in it that ends them."""
    return f"`{_UNSEEN.sub(' ', text).strip()}`"


def listed(names: Sequence[str], *, most: int = 3) -> str:
    """`a, b and c`, or `a, b, c and 4 more`."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
