"""Pages of a list, and the `Link` header that leads to the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

_DEFAULT, _MOST = 30, 100
_MOST_DIGITS = 15

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list was asked for; pages count from 1."""

    number: int
    size: int

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """The items of this page."""
        return items[(self.number - 1) * self.size : self.number * self.size]


def asked_page(query: Mapping[str, str]) -> Page:
    """As GitHub reads it: at most 100 a page, and nonsense is the default."""
    size = min(_positive(query.get("per_page")) or _DEFAULT, _MOST)
    return Page(_positive(query.get("page")) or 1, size)


def _positive(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return None
    return int(text) or None


def link_header(url: str, query: Mapping[str, str], page: Page, *, total: int) -> str | None:
    """`<…>; rel="next", …`; None where everything is on this page."""
    last = max(1, -(-total // page.size))
    places = {
        "prev": page.number - 1 if page.number > 1 else None,
        "next": page.number + 1 if page.number < last else None,
        "last": last if page.number < last else None,
        "first": 1 if page.number > 1 else None,
    }
    parts = [
        f'<{url}?{urlencode({**query, "page": str(number)})}>; rel="{rel}"'
        for rel, number in places.items()
        if number is not None
    ]
    return ", ".join(parts) or None
