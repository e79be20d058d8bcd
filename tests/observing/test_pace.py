"""Which traces are recorded where there are more than are taken: whole ones, the same ones everywhere."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid5

from hypothesis import given
from hypothesis import strategies as st

from shared.messages.ids import _SPACE
from shared.observing.pace import Pace

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TRACES = [uuid5(_SPACE, str(number)).int for number in range(1000)]


def second(pace: Pace, number: int, traces: Sequence[int]) -> list[int]:
    """What is taken of traces that have a span each in one second."""
    at = START + timedelta(seconds=number)
    return [trace for trace in traces if pace.takes(trace, at)]


def test_few_are_all_taken() -> None:
    pace = Pace(share=1.0, most=200)
    assert [second(pace, number, TRACES[:200]) for number in range(3)] == [TRACES[:200]] * 3


def test_more_than_are_taken_are_thinned_to_about_that_many_by_their_number() -> None:
    pace = Pace(share=1.0, most=200)
    assert second(pace, 0, TRACES) == TRACES[:200]  # nobody knew yet what was to come
    taken = second(pace, 1, TRACES)
    assert 150 <= len(taken) <= 200
    assert set(taken) <= set(sorted(TRACES, key=lambda each: each % (1 << 56))[:250])


def test_a_service_with_less_to_do_takes_all_that_the_others_take() -> None:
    busy, calm = Pace(share=1.0, most=100), Pace(share=1.0, most=100)
    second(busy, 0, TRACES)
    second(calm, 0, TRACES[:400])
    assert set(second(busy, 1, TRACES[:400])) <= set(second(calm, 1, TRACES[:400]))


def test_after_a_calm_second_all_are_taken_again() -> None:
    pace = Pace(share=1.0, most=10)
    second(pace, 0, TRACES)
    assert len(second(pace, 1, TRACES[:5])) < 5
    assert second(pace, 2, TRACES[:5]) == TRACES[:5]


def test_a_clock_that_is_set_back_keeps_nobody_out() -> None:
    pace = Pace(share=1.0, most=10)
    assert second(pace, 3600, TRACES[:50]) == TRACES[:10]
    assert second(pace, 3599, TRACES[50:60]) == []  # late ones of a second that was full
    assert second(pace, 0, TRACES[:5]) == TRACES[:5]


def test_after_a_pause_all_are_taken_again() -> None:
    pace = Pace(share=1.0, most=10)
    second(pace, 0, TRACES)
    assert second(pace, 9, TRACES[:5]) == TRACES[:5]


@given(
    share=st.floats(0, 1), most=st.integers(1, 50),
    sizes=st.lists(st.integers(0, 300), min_size=1, max_size=6),
)  # fmt: skip
def test_never_more_than_that_many_and_never_beyond_the_share(
    share: float, most: int, sizes: list[int]
) -> None:
    pace = Pace(share=share, most=most)
    for number, size in enumerate(sizes):
        taken = second(pace, number, TRACES[:size])
        assert len(taken) <= most
        assert all(trace % (1 << 56) < share * (1 << 56) for trace in taken)
