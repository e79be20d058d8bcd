from stockroom.items import Item, Stock
from stockroom.report import evening_report, to_reorder

ITEMS = [Item("tea", "Tea", 450), Item("cup", "Cup", 700, reorder_at=0)]


def test_only_what_runs_low_is_ordered_again():
    assert to_reorder(ITEMS, Stock({"tea": 5, "cup": 1})) == ["tea"]


def test_the_report_names_every_item():
    report = evening_report(ITEMS, Stock({"tea": 9, "cup": 2}))
    assert report == "Tea: 9\nCup: 2\nOrder again: nothing"
