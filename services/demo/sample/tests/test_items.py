import pytest

from stockroom.items import Stock


def test_what_was_added_can_be_taken():
    stock = Stock()
    stock.add("tea", 3)
    stock.take("tea", 2)
    assert stock.counts == {"tea": 1}


def test_nothing_is_taken_that_is_not_there():
    stock = Stock({"tea": 1})
    with pytest.raises(ValueError, match="tea: only 1 left"):
        stock.take("tea", 2)
    assert stock.counts == {"tea": 1}
