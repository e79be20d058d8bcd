"""What an issue list is asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["open", "closed", "all"]
Sort = Literal["created", "updated", "comments"]
Direction = Literal["asc", "desc"]
Kind = Literal["issues", "pulls", "both"]


@dataclass(frozen=True, slots=True)
class Listing:
    """Filters and order; `since` is compared with `updated_at`, `labels` must all be carried."""

    state: State = "open"
    since: datetime | None = None
    labels: tuple[str, ...] = ()
    sort: Sort = "created"
    direction: Direction = "desc"
    kind: Kind = "both"
