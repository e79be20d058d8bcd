import pytest

from stockroom.items import Stock
from stockroom.orders import Order, open_orders, read_order, ship


def test_an_order_is_read_from_a_line():
    assert read_order("17, tea, 2, packed") == Order(17, "tea", 2, "packed")


def test_orders_that_were_shipped_are_not_open():
    orders = [read_order("18, tea, 1, packed"), read_order("17, tea, 2, shipped")]
    assert [order.number for order in open_orders(orders)] == [18]


def test_open_orders_come_oldest_first():
    orders = [read_order("18, tea, 1, packed"), read_order("17, tea, 2, new")]
    assert [order.number for order in open_orders(orders)] == [17, 18]


def test_shipping_takes_the_items_off_the_shelf():
    stock = Stock({"tea": 5})
    assert ship(read_order("17, tea, 2, packed"), stock).status == "shipped"
    assert stock.counts == {"tea": 3}


@pytest.mark.parametrize("line", ["", "17, tea", "x, tea, 2, new"])
def test_a_line_that_is_no_order_is_refused(line):
    with pytest.raises(ValueError):
        read_order(line)
