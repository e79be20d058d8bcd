"""Paths as people can read them, whatever characters they hold."""

from collections.abc import Sequence

SHOWN = 3


def named(paths: Sequence[str]) -> str:
    """At most three paths, on one line."""
    shown = ", ".join(readable(path) for path in paths[:SHOWN])
    return shown + (f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else "")


def readable(path: str) -> str:
    """A path on one line, and bytes that are no UTF-8 spelt out."""
    text = path.encode("utf-8", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
