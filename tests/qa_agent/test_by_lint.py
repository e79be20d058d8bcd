"""Which rules a selector names."""

import pytest

from services.qa_agent.by_lint import names


@pytest.mark.parametrize(
    ("rule", "selector", "named"),
    [
        ("F401", "F401", True),
        ("F401", "F", True),
        ("E501", "E5", True),
        ("ERA001", "E", False),
        ("F401", "F40", True),
        ("F811", "F401", False),
        ("invalid-syntax", "invalid-syntax", True),
        ("F401", "", False),
    ],
)
def test_a_family_names_its_rules(rule: str, selector: str, named: bool) -> None:
    assert names(rule, selector) is named
