"""The audit trail: every decision is hashed together with the one before it."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

START = "0" * 64


def link(previous_hash: str, record: Mapping[str, JsonValue]) -> str:
    """The hash of `record` after `previous_hash`: 64 hex digits over canonical JSON of both.

    `START` comes before the first record. Raises ValueError for what JSON cannot say (NaN).
    """
    canonical = json.dumps(
        [previous_hash, record],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def verify(rows: Iterable[tuple[str, Mapping[str, JsonValue]]]) -> int | None:
    """The position of the first (hash, record) that does not follow from those before; None: all do."""
    previous = START
    for position, (stated, record) in enumerate(rows):
        if link(previous, record) != stated:
            return position
        previous = stated
    return None
