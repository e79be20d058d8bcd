"""JSON as the forge writes it and nothing else: what parsers disagree about is refused."""

import json
import math
from typing import Any

DEEPEST = 64
_LARGEST_INTEGER = 2**63
_LONGEST_NUMBER = 20


class NotStrict(ValueError):
    """The body is not one JSON object in strict form; the text says why."""


def read_object(body: bytes) -> dict[str, Any]:
    """The one object in `body`.

    NotStrict for: not UTF-8, not JSON, not an object, a key twice, NaN or an infinity, deeper than 64
    levels, an integer beyond 2^63, a lone surrogate.
    """
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_unique, parse_int=_integer, parse_float=_finite,
            parse_constant=_no_constant,
        )  # fmt: skip
    except RecursionError:
        raise NotStrict("deeper than it may be") from None
    except NotStrict:
        raise
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are such
        raise NotStrict(type(error).__name__) from None
    if not isinstance(value, dict):
        raise NotStrict("not an object")
    _check(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("a key is there twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER or abs(int(digits)) > _LARGEST_INTEGER:
        raise NotStrict("an integer is beyond 2^63")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NotStrict("a number is beyond what a float holds")
    return number


def _no_constant(name: str) -> float:
    raise NotStrict(f"{name} is no JSON")


def _check(value: dict[str, Any]) -> None:
    """Depth and text, without recursion: the parser itself stops only near a thousand levels."""
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                _check_text("".join(each))
                below.extend(each.values())
            elif isinstance(each, list):
                below.extend(each)
            elif isinstance(each, str):
                _check_text(each)
        level = below
        if not level:
            return
    if any(isinstance(each, dict | list) for each in level):
        raise NotStrict("deeper than it may be")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotStrict("a lone surrogate") from None
