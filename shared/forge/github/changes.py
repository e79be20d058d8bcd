"""Listings by time of change. The forge sorts them by a time that moves while they are read.

An object that changes between two pages goes to the end, and those behind it move up: turning to
"page 2" would skip one. So the next page is asked for by the time of the last one seen instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from shared.errors import TryLater
from shared.forge.github.client import Client, Params
from shared.forge.github.pages import ENDLESS, PER_PAGE, Listing, next_page
from shared.forge.github.resource import stamp
from shared.forge.github.shapes import ChangedShape

_MOST_PAGES = 1000


Item = TypeVar("Item", bound=ChangedShape)


@dataclass(frozen=True)
class Changes(Generic[Item]):
    """What changed, oldest first, each once; `items` None says that nothing did."""

    items: Sequence[Item] | None
    etag: str | None


async def changes(
    client: Client,
    listing: Listing,
    *,
    shape: type[Item],
    since: datetime | None,
    etag: str | None = None,
) -> Changes[Item]:
    """All that changed at or after `since`. The ETag is the first page's, None if there were more."""
    found: dict[int, Item] = {}
    cursor: datetime | None = since
    turned: Params = {}
    for page in range(_MOST_PAGES):
        asked = {**_oldest_first(listing, cursor), **turned}
        answer = await client.get(
            listing.path, subject=listing.subject, params=asked, etag=None if page else etag
        )
        if answer.status == 304:
            return Changes(None, etag)
        items = answer.read_list(shape, subject=listing.subject)
        found.update((item.id, item) for item in items)
        following = next_page(answer, client, subject=listing.subject)
        if following is None:
            ordered = sorted(found.values(), key=lambda item: (item.updated_at, item.id))
            return Changes(ordered, None if page else answer.headers.get("etag"))
        last = items[-1].updated_at if items else cursor
        # A page full of one second's changes cannot be passed by time: only then it is turned.
        cursor, turned = (last, {}) if last != cursor else (cursor, following)
    raise TryLater(ENDLESS.format(subject=listing.subject))


def _oldest_first(listing: Listing, since: datetime | None) -> dict[str, str | int]:
    asked: dict[str, str | int] = {
        "per_page": PER_PAGE,
        "sort": "updated",
        "direction": "asc",
        **listing.params,
    }
    return asked if since is None else {**asked, "since": stamp(since)}
