"""Which issues a merged pull request closes: `Closes #7` and its relatives in the body."""

import re

_CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s*:?\s+(?:(?P<repo>[\w.-]+/[\w.-]+))?#(?P<number>[0-9]{1,18})\b",
    re.IGNORECASE,
)


def closes(body: str | None, *, repo: str) -> tuple[int, ...]:
    """The numbers named in `body`, in their order, once each; other repositories' are left out."""
    found = (
        int(match["number"])
        for match in _CLOSES.finditer(body or "")
        if match["repo"] is None or match["repo"].lower() == repo.lower()
    )
    return tuple(dict.fromkeys(found))
