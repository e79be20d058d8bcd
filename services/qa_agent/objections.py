"""One thing a check has to say of a change, and whether a further round could mend it."""

from dataclasses import dataclass
from typing import Literal

from shared.messages.content import Finding

TEXT_LIMIT = 500

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Objection:
    """A finding; `mendable` matters for errors only."""

    finding: Finding
    mendable: bool = True


def objection(
    source: str,
    text: str,
    *,
    path: str = "",
    line: int | None = None,
    severity: Severity = "error",
    mendable: bool = True,
) -> Objection:
    """The text on one line of at most 500 characters; nothing in it that no message could carry."""
    if not _carried(path):
        text, path, line = f"{shown(path)}: {text}", "", None
    plain = " ".join(shown(text).split())
    short = plain if len(plain) <= TEXT_LIMIT else plain[: TEXT_LIMIT - 1] + "…"
    finding = Finding(path=path, line=line, severity=severity, source=source, text=short)
    return Objection(finding, mendable)


def shown(text: str) -> str:
    """Text as people can read it: bytes that are no UTF-8 and control characters spelt out."""
    whole = text.encode("utf-8", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in whole)


def _carried(path: str) -> bool:
    """False for half a surrogate pair: a name that is no UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in path)
