"""The focus of a run: what people asked for, then the words of the event."""

import pytest
from pydantic import JsonValue

from services.pm_agent.focusing import LENGTH_LIMIT, focus_of
from tests.pm_agent.runs import request

SHA = "1" * 40


@pytest.mark.parametrize(
    ("focus", "event", "line"),
    [
        ("", None, ""),
        ("error messages", None, "error messages"),
        ("", {"name": "sentry.alert", "data": {}}, "sentry.alert"),
        ("docs", {"data": {"a": "b.py", "n": 3, "l": ["c", {"d": "e"}]}}, "docs b.py c e"),
        ("", {"data": {"text": "two\nlines\tand  gaps"}}, "two lines and gaps"),
    ],
)
def test_an_event_adds_its_words(focus: str, event: dict[str, JsonValue] | None, line: str) -> None:
    assert focus_of(request(SHA, focus=focus, event=event)) == line


def test_a_long_event_is_cut() -> None:
    assert len(focus_of(request(SHA, event={"data": {"text": "word " * 10_000}}))) == LENGTH_LIMIT
