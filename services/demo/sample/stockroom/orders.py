"""Orders: one line of text each, `number, sku, count, status`."""

from collections.abc import Iterable
from dataclasses import dataclass

from stockroom.items import Stock


@dataclass(frozen=True)
class Order:
    """A customer's wish for some items of one kind."""

    number: int
    sku: str
    count: int
    status: str


def read_order(line: str) -> Order:
    """The order in a line such as `17, tea, 2, packed`."""
    number, sku, count, status = (part.strip() for part in line.split(","))
    return Order(int(number), sku, int(count), status)


def open_orders(orders: Iterable[Order]) -> list[Order]:
    """The orders that still have to leave the house, oldest first."""
    waiting = [order for order in orders if order.status is not "shipped"]
    return sorted(waiting, key=lambda order: order.number)


def ship(order: Order, stock: Stock) -> Order:
    """The order as shipped; its items are taken off the shelf."""
    stock.take(order.sku, order.count)
    return Order(order.number, order.sku, order.count, "shipped")
