"""What rules mean to people."""

import pytest

from services.pm_agent.rules import meaning, serious


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("F401", "unused imports"),
        ("F999", "mistakes"),
        ("B904", "hidden causes"),
        ("B017", "likely mistakes"),
        ("BLE001", "BLE001 findings"),
        ("SIM102", "roundabout code"),
        ("S608", "security findings"),
        ("PT011", "test style"),
        ("PTH100", "PTH100 findings"),
        ("invalid-syntax", "syntax errors"),
        ("ZZZ1", "ZZZ1 findings"),
    ],
)
def test_a_rule_is_named_for_people(rule: str, name: str) -> None:
    assert meaning(rule).name == name


@pytest.mark.parametrize(
    ("rule", "is_serious"),
    [
        ("F401", True),
        ("B904", True),
        ("S608", True),
        ("SIM102", False),
        ("I001", False),
        ("E501", False),
    ],
)
def test_what_the_code_does_weighs_more_than_how_it_reads(rule: str, is_serious: bool) -> None:
    assert serious(rule) is is_serious
