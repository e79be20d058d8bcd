"""The report that is printed every evening."""

import json
import os
from collections.abc import Iterable

from stockroom.items import Item, Stock


def to_reorder(items: Iterable[Item], stock: Stock) -> list[str]:
    """The items of which too few are left, by sku."""
    return sorted(
        item.sku for item in items if stock.counts.get(item.sku, 0) <= item.reorder_at
    )


def evening_report(items: list[Item], stock: Stock) -> str:
    """Stock levels and what to order again, as text."""
    header = "Stock this evening"
    lines = [f"{item.name}: {stock.counts.get(item.sku, 0)}" for item in items]
    again = to_reorder(items, stock)
    return "\n".join([*lines, f"Order again: {', '.join(again) or 'nothing'}"])
