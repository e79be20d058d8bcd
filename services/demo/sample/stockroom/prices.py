"""Price lists."""

from stockroom.items import Item
from collections.abc import Iterable

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}


def money(cents: int, currency: str = "EUR") -> str:
    """An amount as people write it: `€12.50`."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return "{}{}{}.{:02}".format(sign, SYMBOLS[currency], whole, rest)


def price_list(items: Iterable[Item], currency: str = "EUR") -> list[str]:
    """One line for each item, by name."""
    by_name = sorted(items, key=lambda item: item.name)
    return ["{}: {}".format(item.name, money(item.price, currency)) for item in by_name]
