"""Comments that make the linter look away: which of them a change brings."""

import re
from collections import Counter
from collections.abc import Iterator

from services.qa_agent.gathering import Suppression

_DIRECTIVE = re.compile(
    r"""\#\s*(?:
        (?:(?:ruff|flake8)\s*[:=]\s*)?noqa\b(?P<codes>\s*:\s*[A-Z][A-Z0-9,\s]*)?
      | ruff\s*:\s*(?:disable|ignore|file-ignore)\b(?P<bracketed>\s*\[[A-Z0-9,\s]*\])?
      | isort\s*:\s*(?:skip|off)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_CODE = re.compile(r"[A-Z]+[0-9]+")


def added(path: str, old: bytes, new: bytes) -> Iterator[Suppression]:
    """The directives of `new` that `old` does not have, wherever their lines have moved to."""
    known = Counter(rules for _, rules in _directives(old))
    for line, rules in _directives(new):
        if known[rules] > 0:
            known[rules] -= 1
        else:
            yield Suppression(path, line, rules)


def _directives(content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and rules of each; no rules: all of them."""
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        for found in _DIRECTIVE.finditer(line):
            named = found["codes"] or found["bracketed"] or ""
            yield number, tuple(_CODE.findall(named.upper()))
