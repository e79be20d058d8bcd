"""Which lines of the new side a diff shows: only there can a forge put a comment."""

import re
from collections.abc import Iterable
from pathlib import Path

from shared.git.objects import require_sha
from shared.git.runner import Git

CONTEXT = 3
"""Lines around a change that forges show, and take comments on."""

_HUNK = re.compile(rb"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


async def shown_lines(
    git_dir: Path, base: str, head: str, paths: Iterable[str]
) -> dict[str, frozenset[int]]:
    """Line numbers on the new side, by path, that the diff from `base` to `head` shows."""
    found: dict[str, frozenset[int]] = {}
    for path in sorted(set(paths)):
        patch = await Git(git_dir).run(
            "diff-tree", "-r", "-p", f"-U{CONTEXT}", "--no-renames", "--no-ext-diff", "--no-textconv",
            "--no-color", require_sha(base), require_sha(head), "--", path,
        )  # fmt: skip
        hunks = ((int(start), int(count or 1)) for start, count in _HUNK.findall(patch))
        found[path] = frozenset(n for start, count in hunks for n in range(start, start + count))
    return found
