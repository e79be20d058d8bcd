"""Request paths: one spelling only, and templates that match whole segments of it.

A server may decode, fold or resolve a path before it routes. So a path is matched only if it is
spelled in the one way in which nothing is left to decode, fold or resolve.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote_to_bytes

_KINDS = {
    "n": r"[1-9][0-9]{0,9}",
    "id": r"[1-9][0-9]{0,19}",
    "sha": r"[0-9a-f]{40}|[0-9a-f]{64}",
    "login": r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?",
    "word": r"[^\x00-\x1f\x7f]{1,255}",
}
_MOST_DECODINGS = 8


def segment(value: object) -> str:
    """One path segment, quoted so that nothing in it can reach another segment."""
    return quote(str(value), safe="")


def segments(value: str) -> str:
    """A path of several segments (`docs/a b.md`), each quoted."""
    return "/".join(segment(part) for part in value.split("/"))


def canonical(raw_path: str) -> tuple[str, ...] | None:
    """The decoded segments of a path; None when the path could be spelled in another way."""
    if not raw_path.startswith("/"):
        return None
    decoded: list[str] = []
    for raw in raw_path[1:].split("/"):
        try:
            text = unquote_to_bytes(raw).decode("utf-8")
        except UnicodeDecodeError:
            return None
        if quote(text, safe="") != raw or _climbs(text):
            return None
        decoded.append(text)
    return tuple(decoded)


def _climbs(text: str) -> bool:
    """Whether a segment, decoded as often as any server might, holds an empty or dotted part."""
    for _ in range(_MOST_DECODINGS):
        if {"", ".", ".."} & set(re.split(r"[/\\]", text)):
            return True
        once_more = unquote_to_bytes(text).decode("utf-8", errors="replace")
        if once_more == text:
            return False
        text = once_more
    return True


def matches(template: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether decoded segments fit a template of words, `{kind}` and a last `{words*}`."""
    if template and template[-1] == "{words*}":
        head = template[:-1]
        return len(parts) > len(head) and all(map(_fits, head, parts))
    return len(parts) == len(template) and all(map(_fits, template, parts))


def _fits(wanted: str, part: str) -> bool:
    if wanted.startswith("{"):
        return re.fullmatch(_KINDS[wanted[1:-1]], part) is not None
    return wanted == part
