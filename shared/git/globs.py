"""Patterns over paths, and which paths of a change lie outside of them.

The rules, the same everywhere:

- `*` and `?` stop at a slash; `[ab]`, `[a-z]`, `[!a]` match one character; `**` crosses folders.
- `src/**` and `src/` are everything below `src`; `**/test.py` is that name at any depth.
- A pattern without a wildcard is exactly that path, or everything below it when it is a folder.
- A pattern with a wildcard but without a slash (`*.py`) is matched against the last name, at any
  depth; with a slash it is matched from the top.
- A path that equals a pattern letter by letter always matches, so `app/[id].ts` names itself.
"""

import fnmatch
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from shared.git.changes import Diff

_WILD = re.compile(r"[*?\[]")
_ANY_DEPTH = "**"


def in_scope(diff: Diff, patterns: Sequence[str]) -> list[str]:
    """The paths of the change that match none of `patterns`: empty when all is in scope.

    Without patterns nothing is in scope. Letter case matters; names are compared in NFC.
    """
    return [f.path for f in diff.files if not among(f.path, patterns)]


def among(path: str, patterns: Sequence[str]) -> bool:
    """Does one of `patterns` name `path`?"""
    return any(matches(path, pattern) for pattern in patterns)


def allowed(path: str, *, allow: Sequence[str], deny: Sequence[str]) -> bool:
    """Is `path` among `allow` and not among `deny`? Without `allow` nothing is."""
    return among(path, allow) and not among(path, deny)


def matches(path: str, pattern: str) -> bool:
    """Does `pattern` name `path`? Letter case matters; both are compared in NFC."""
    if path == pattern:
        return True
    path, pattern = unicodedata.normalize("NFC", path), unicodedata.normalize("NFC", pattern)
    if not _WILD.search(pattern):
        folder = pattern.rstrip("/")
        return path == pattern or (folder != "" and path.startswith(f"{folder}/"))
    if "/" not in pattern and pattern != _ANY_DEPTH:
        return matches_parts(path.split("/")[-1:], (pattern,))
    return matches_parts(path.split("/"), parts_of(pattern))


def parts_of(pattern: str) -> tuple[str, ...]:
    """A pattern by its slashes. At the end, `**` and a bare slash mean one name or more below."""
    parts = pattern.strip("/").split("/")
    if pattern.endswith("/"):
        parts.append(_ANY_DEPTH)
    return (*parts, "*") if parts[-1] == _ANY_DEPTH else tuple(parts)


def matches_parts(path: Sequence[str], pattern: tuple[str, ...]) -> bool:
    """Does the whole path match, part by part?

    All ways are followed at once, so that no pattern and no path can make it slow.
    """
    states = _reachable({0}, pattern)
    for part in path:
        after = set()
        for state in states:
            if state == len(pattern):
                continue
            if pattern[state] == _ANY_DEPTH:
                after.add(state)
            elif _name(pattern[state]).match(part):
                after.add(state + 1)
        states = _reachable(after, pattern)
    return len(pattern) in states


def _reachable(states: set[int], pattern: tuple[str, ...]) -> set[int]:
    """The states, and those behind a `**` that stands for no folder at all."""
    found = set(states)
    for state in states:
        at = state
        while at < len(pattern) and pattern[at] == _ANY_DEPTH:
            at += 1
            found.add(at)
    return found


@lru_cache(maxsize=4096)
def _name(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern))
