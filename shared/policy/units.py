"""Durations, money and sizes as the policy file writes them: "20m", 2.50, "1MiB".

Each reads what a person writes and what `dump` writes, and `dump` writes one spelling for one value,
so that "60s" and "1m" give the same digest.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from shared.policy.section import Kind

DURATION_MEND = 'write a whole number and a unit, such as "90s", "20m", "2h" or "14d"'
MONEY_MEND = "write US dollars as a number with at most 6 decimals, such as 2.50"
SIZE_MEND = 'write bytes as a whole number, or with a unit, such as "512KiB" or "1MiB"'

_DURATION = re.compile(r"([0-9]{1,9})([smhd])", re.ASCII)
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)
_SIZE = re.compile(r"([0-9]{1,12})(KiB|MiB)?", re.ASCII)
_BYTES = {None: 1, "KiB": 1024, "MiB": 1024 * 1024}


def read_duration(value: object) -> timedelta:
    """A timedelta of whole seconds from "90s", "20m", "2h" or "14d"; ValueError says the mend."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"is not a duration; {DURATION_MEND}")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def write_duration(value: timedelta) -> str:
    """The shortest exact spelling: the largest unit that divides it."""
    seconds = int(value.total_seconds())
    unit = next(name for name, size in _SECONDS.items() if seconds % size == 0)
    return f"{seconds // _SECONDS[unit]}{unit}" if seconds else "0s"


def read_money(value: object) -> Decimal:
    """US dollars from an integer, a float's shortest decimal, or decimal text; never negative."""
    # `repr` of a float is the shortest text that reads back: 2.5 stays 2.5 and 0.1 stays 0.1.
    plain = isinstance(value, (int, float, str, Decimal)) and not isinstance(value, bool)
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if not plain or not _MONEY.fullmatch(text):
        raise ValueError(f"is not an amount of money; {MONEY_MEND}")
    return Decimal(text)


def write_money(value: Decimal) -> str:
    """One spelling for one amount: no trailing zeros, no exponent."""
    return f"{value.normalize():f}" if value else "0"


def read_size(value: object) -> int:
    """Bytes from a whole number or from "512KiB" and "1MiB"."""
    plain = isinstance(value, (int, str)) and not isinstance(value, bool)
    found = _SIZE.fullmatch(str(value)) if plain else None
    if found is None:
        raise ValueError(f"is not a size; {SIZE_MEND}")
    return int(found[1]) * _BYTES[found[2]]


def between(least: timedelta, most: timedelta) -> Callable[[timedelta], timedelta]:
    """A validator: the duration lies in `least` … `most`, both allowed."""

    def check(value: timedelta) -> timedelta:
        if not least <= value <= most:
            low, high = write_duration(least), write_duration(most)
            raise ValueError(f"is out of range; write {low} to {high}")
        return value

    return check


Duration = Annotated[
    timedelta,
    BeforeValidator(read_duration),
    PlainSerializer(write_duration),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,9}[smhd]$"}),
    Kind("duration"),
]
Usd = Annotated[
    Decimal,
    BeforeValidator(read_money),
    PlainSerializer(write_money),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "^[0-9.]+$"}]}
    ),
    Kind("US dollars"),
]
Bytes = Annotated[
    int,
    BeforeValidator(read_size),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": "^[0-9]+(KiB|MiB)?$"},
            ]
        }
    ),
    Kind("bytes"),
]
