"""New comments that make the linter look away."""

import pytest

from services.qa_agent.gathering import Suppression
from services.qa_agent.suppressing import added


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("import os  # noqa", ()),
        ("import os  # NOQA:F401", ("F401",)),
        ("import os  # noqa: F401, E501 - said why", ("F401", "E501")),
        ("# ruff: noqa: F401", ("F401",)),
        ("# flake8: noqa", ()),
        ("# ruff: disable[E501]", ("E501",)),
        ("# ruff: ignore[E501, F401]", ("E501", "F401")),
        ("import os  # isort: skip", ()),
    ],
)
def test_every_form_is_seen(line: str, rules: tuple[str, ...]) -> None:
    assert list(added("a.py", b"", f"x = 1\n{line}\n".encode())) == [Suppression("a.py", 2, rules)]


def test_what_was_there_and_what_only_says_so_is_not_new() -> None:
    old = b"import os  # noqa: F401\n"
    assert list(added("a.py", old, b"x = 1\n" + old + b"y = 'noqa'  # no quality\n")) == []
    assert [one.line for one in added("a.py", old, old + old)] == [2]
