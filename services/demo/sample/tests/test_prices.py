import pytest

from stockroom.items import Item
from stockroom.prices import money, price_list


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [(1250, "EUR", "€12.50"), (-5, "USD", "-$0.05"), (0, "GBP", "£0.00")],
)
def test_money_is_written_as_people_write_it(cents, currency, text):
    assert money(cents, currency) == text


def test_a_price_list_is_sorted_by_name():
    items = [Item("t", "Tea", 450), Item("c", "Coffee", 890)]
    assert price_list(items) == ["Coffee: €8.90", "Tea: €4.50"]
