"""How an agent's work on a run can end."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.messages.content import RunEnd, Usage
from shared.messages.draft import ChangeProposed, IssuesProposed, ReviewProposed

Draft = IssuesProposed | ChangeProposed | ReviewProposed


@dataclass(frozen=True)
class Drafted:
    """There is a result for the gatekeeper."""

    draft: Draft
    reason: str
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class Ended:
    """There is none, and why, in words for people."""

    end: RunEnd
    reason: str
    usage: Usage = field(default_factory=Usage)
    until: datetime | None = None
