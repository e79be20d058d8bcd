"""The visible last line by which the fleet finds its own texts again.

Visible, because hidden text is what the sanitiser removes. A marker proves nothing: whoever reads
one checks that the fleet wrote the text it stands in.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["proposal", "issue", "pull-request", "review", "notice"]

_LINE = re.compile(
    r"^gatefleet:(proposal|issue|pull-request|review|notice) ([A-Za-z0-9][A-Za-z0-9._:/-]{0,199})[ \t]*$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Marker:
    """What a text of the fleet is, and of what: a proposal's id, an issue's number, a run."""

    kind: Kind
    id: str


def marker(kind: Kind, id: object) -> str:
    """The line to end a text with."""
    return f"gatefleet:{kind} {id}"


def find_marker(body: str) -> Marker | None:
    """The last marker in `body`: what a quoted or proposed text holds stands before ours."""
    found = _LINE.findall(body.replace("\r\n", "\n"))
    return Marker(*found[-1]) if found else None
