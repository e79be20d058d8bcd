"""Complete listings: by Link, and by time where a page may shift while it is turned.

A Link's own address is never asked: only its parameters are taken over to our path, so the token
goes nowhere else, and GitHub's `/repositories/<id>/…` form of the same listing needs no permission.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

import httpx

from shared.errors import Refused, TryLater
from shared.forge.github.client import Answer, Client, Model, Params

FOREIGN_LINK = (
    "{subject}: the forge's next page is on another host ({host}); nothing was sent there"
)
ENDLESS = "{subject}: the listing does not end; it is tried again later"

PER_PAGE = 100
_MOST_PAGES = 1000
_TURNED = frozenset({"page", "cursor"})
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')


@dataclass(frozen=True)
class Listing:
    """What is listed: a path below the root, its parameters, and whose it is."""

    path: str
    subject: str
    params: Params
    per_page: int | None = PER_PAGE
    """None for a listing whose pages have no size to choose."""


async def pages(client: Client, listing: Listing) -> AsyncIterator[Answer]:
    """Every page in turn. Raises Refused for a Link to another host, TryLater if it never ends."""
    turned: Params = {}
    for _ in range(_MOST_PAGES):
        sized: Params = {"per_page": listing.per_page} if listing.per_page else {}
        params = {**sized, **listing.params, **turned}
        answer = await client.get(listing.path, subject=listing.subject, params=params)
        yield answer
        following = next_page(answer, client, subject=listing.subject)
        if following is None:
            return
        if following == turned:
            break
        turned = following
    raise TryLater(ENDLESS.format(subject=listing.subject))


def next_page(answer: Answer, client: Client, *, subject: str) -> Params | None:
    """The parameters of the next page; None on the last one."""
    found = _NEXT.search(answer.headers.get("link", ""))
    if not found:
        return None
    url, base = httpx.URL(found[1]), httpx.URL(client.address.base_url)
    if url.host and (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
        raise Refused(FOREIGN_LINK.format(subject=subject, host=url.host))
    query = parse_qsl(url.query.decode("ascii", errors="replace"))
    return {key: value for key, value in query if key in _TURNED}


async def everything(client: Client, listing: Listing, *, shape: type[Model]) -> list[Model]:
    """All pages of a plain list, read as `shape`."""
    found: list[Model] = []
    async for answer in pages(client, listing):
        found += answer.read_list(shape, subject=listing.subject)
    return found
