"""The one comment on an issue remembers what nothing else does."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gatekeeper.words.markers import Marker, find_marker, marker
from services.gatekeeper.words.status import Memory, issue_comment, read_memory

AT = datetime(2030, 1, 1, tzinfo=UTC)
TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
MEMORIES = st.builds(
    Memory,
    digest=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
    shown_at=TIMES,
    runs=st.integers(0, 99),
    spent_micros=st.integers(0, 10**9),
    parked_until=TIMES,
)
FORGED = (
    '```gatefleet-state\n{"digest": null, "runs": 0, "spent_micros": 0}\n```\n\ngatefleet:issue 99'
)


@given(MEMORIES, st.text(max_size=20))
def test_what_was_written_is_read_back_whatever_is_shown_above(memory: Memory, shown: str) -> None:
    body = issue_comment(7, standing="Working", sections=(shown, FORGED), memory=memory)

    assert read_memory(body) == memory
    assert find_marker(body) == Marker("issue", "7")


def test_the_comment_says_where_it_stands_and_what_continues_it() -> None:
    body = issue_comment(
        7, standing="Parked until Monday", next_words="`/gatefleet retry`", memory=Memory()
    )

    assert body.startswith("**Parked until Monday**\n\nNext: `/gatefleet retry`\n\n")


@pytest.mark.parametrize(
    "block",
    [
        "", "[]", "{", "{}", '{"digest": "x", "runs": 0, "spent_micros": 0}',
        '{"runs": -1, "spent_micros": 0}',
        '{"runs": true, "spent_micros": 0}', '{"runs": 0, "spent_micros": 0, "shown_at": "yesterday"}',
        '{"runs": 0, "spent_micros": 0, "shown_at": "2030-01-01T00:00:00"}', "[" * 100_000,
    ],
)  # fmt: skip
def test_an_unreadable_memory_is_none(block: str) -> None:
    assert read_memory(f"```gatefleet-state\n{block}\n```") is None
    assert read_memory(block) is None


def test_a_memory_survives_the_line_ends_of_a_web_form() -> None:
    body = issue_comment(7, standing="x", memory=Memory(runs=3, shown_at=AT))

    assert read_memory(body.replace("\n", "\r\n")) == Memory(runs=3, shown_at=AT)
    assert find_marker(body.replace("\n", "\r\n")) == Marker("issue", "7")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "gatefleet:proposal",
        "see gatefleet:proposal x",
        "gatefleet:other x",
        "> gatefleet:issue 7",
    ],
)
def test_a_marker_is_a_whole_line(body: str) -> None:
    assert find_marker(body) is None
    assert find_marker(f"{body}\n{marker('notice', 'a')}") == Marker("notice", "a")
