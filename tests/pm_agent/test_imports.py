"""Which modules of the repository a file imports."""

from pathlib import Path

import pytest

from services.pm_agent.imports import imported, is_module_of
from tests.pm_agent.findings import tree

FILES = {
    "src/shop/__init__.py": "from shop.orders import Order\nfrom .deep import thing\n",
    "src/shop/orders.py": "",
    "src/shop/stock.py": "",
    "src/shop/deep/__init__.py": "thing = 1",
    "flat.py": "",
    "tests/near.py": "",
}


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("import shop.stock", ("src/shop/stock.py",)),
        ("from shop import stock", ("src/shop/stock.py",)),
        ("from shop import Order", ("src/shop/orders.py",)),
        ("from shop import thing", ("src/shop/deep/__init__.py",)),
        ("from shop import *", ("src/shop/__init__.py",)),
        ("from shop.orders import Order as O, x", ("src/shop/orders.py",)),
        ("import flat, os, nonesuch", ("flat.py",)),
        ("from . import near", ("tests/near.py",)),
        ("from .near import x", ("tests/near.py",)),
        ("from ..... import x", ()),
        ("def f():\n    import flat", ("flat.py",)),
        ("this is no python", ()),
        ("import \0", ()),
    ],
)
def test_an_import_leads_to_its_file(tmp_path: Path, text: str, files: tuple[str, ...]) -> None:
    seen = tree(tmp_path, {**FILES, "tests/test_x.py": text})
    assert imported(seen, "tests/test_x.py") == files


def test_what_is_not_in_the_tree_is_from_outside(tmp_path: Path) -> None:
    seen = tree(tmp_path, FILES)
    assert [is_module_of(seen, name) for name in ("shop", "flat", "requests")] == [
        True,
        True,
        False,
    ]
