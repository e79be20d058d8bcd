"""Trace context: computed, valid, and never what a stranger put there."""

import re
from uuid import UUID

import pytest

from shared.messages.trace import began, read_trace, span_of, went_on

ONE = UUID("6d0f7a52-7d0b-5a3c-9f0e-0a6b2f6c8e11")
SPAN = span_of("scheduler", ONE, 1)
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")
KNOWN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


def test_a_trace_is_named_by_what_began_it() -> None:
    assert began(ONE, SPAN) == f"00-{ONE.hex}-{SPAN}-01"
    assert TRACEPARENT.fullmatch(began(ONE, SPAN))


def test_it_goes_on_in_the_trace_that_came_with_a_span_of_its_own() -> None:
    assert went_on(KNOWN, ONE, SPAN) == f"00-0af7651916cd43dd8448eb211c80319c-{SPAN}-01"


def test_a_span_is_the_same_for_the_same_work_and_another_for_another_attempt() -> None:
    assert span_of("scheduler", ONE, 1) == SPAN
    assert len({SPAN, span_of("scheduler", ONE, 2), span_of("console", ONE, 1)}) == 3


@pytest.mark.parametrize(
    "text",
    [
        "", "00", "x" * 10_000, KNOWN.upper(), KNOWN + "-x", KNOWN + "\n", "01" + KNOWN[2:],
        "ff" + KNOWN[2:], KNOWN.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
        KNOWN.replace("b7ad6b7169203331", "0" * 16), "00-$(reboot)-\x1b[31m-01", f" {KNOWN}",
    ],
)  # fmt: skip
def test_what_is_no_traceparent_is_replaced(text: str) -> None:
    assert read_trace(text) is None
    assert went_on(text, ONE, SPAN) == began(ONE, SPAN)
