"""Durations, money and sizes: what is read, and the one spelling that is written."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy.units import (
    read_duration,
    read_money,
    read_size,
    write_duration,
    write_money,
)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90s", 90), ("20m", 1200), ("2h", 7200), ("14d", 1_209_600), ("0s", 0), ("007m", 420)],
)
def test_a_duration_is_a_number_and_a_unit(written: str, seconds: int) -> None:
    assert read_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize("wrong", [20, "20", "20 m", "1h30m", "-1s", "1.5h", "٣s", "", None, "1w"])
def test_anything_else_is_no_duration(wrong: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        read_duration(wrong)


@given(st.integers(0, 10**8))
def test_a_duration_reads_back(seconds: int) -> None:
    value = timedelta(seconds=seconds)

    assert read_duration(write_duration(value)) == value


@given(st.decimals(min_value=0, max_value=10**8, places=6))
def test_an_amount_reads_back_and_has_one_spelling(amount: Decimal) -> None:
    assert read_money(write_money(amount)) == amount
    assert write_money(amount) == write_money(amount * 10 / Decimal(10))


@pytest.mark.parametrize(
    ("written", "size"), [(0, 0), ("512KiB", 524_288), ("1MiB", 1_048_576), ("77", 77)]
)
def test_a_size_is_bytes(written: object, size: int) -> None:
    assert read_size(written) == size


@pytest.mark.parametrize("wrong", ["1MB", "1 MiB", -1, 1.5, True, None])
def test_anything_else_is_no_size(wrong: object) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        read_size(wrong)
