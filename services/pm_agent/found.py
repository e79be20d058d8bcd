"""One finding of a finder, before anyone decided which issue it belongs to."""

from dataclasses import dataclass
from typing import Literal

Fix = Literal["safe", "unsafe", "none"]


@dataclass(frozen=True)
class Found:
    """A thing that a tool reports at a place.

    `rule` and `text` say what, without line numbers; `shown` is what the tool printed, with them.
    """

    finder: str
    rule: str
    path: str
    text: str
    shown: str
    line: int | None = None
    fix: Fix = "none"
    """Whether a fixer mends it: by itself, only when told to take risks, or not at all."""
    paths: tuple[str, ...] = ()
    """Further files that it names: for a failing test the modules that it exercises."""
