"""Reports that tools leave in a workspace. What a sandbox wrote is hostile: read as bytes, bounded.

A report must lie in the workspace, the only place that a sandbox can write to and we can read. The
name is ours; whatever stood there before is removed first, so that nothing stale or planted counts.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

JUNIT = ".gatefleet-junit.xml"
LINT = ".gatefleet-lint.json"
LIMIT_BYTES = 16 * 1024 * 1024
FILES_LIMIT = 200


def take(workspace: Path, pattern: str) -> list[bytes] | str:
    """The bytes of every report at `pattern`, removed from the workspace; or why not, in words.

    `pattern` is a path or a glob from the top of the workspace. Links are never followed, also not
    in the folders on the way; a report over `LIMIT_BYTES` is none.
    """
    reports = []
    for path in list(_regular_files(workspace, pattern))[:FILES_LIMIT]:
        try:
            with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                content = file.read(LIMIT_BYTES + 1)
        except OSError as error:
            return f"the report {pattern} could not be read: {error.strerror}"
        if len(content) > LIMIT_BYTES:
            return f"the report {pattern} is larger than {LIMIT_BYTES // 1024 // 1024} MiB"
        reports.append(content)
    clear(workspace, pattern)
    return reports


def clear(workspace: Path, pattern: str) -> None:
    """Remove whatever stands at `pattern`, links themselves rather than what they point to."""
    for path in list(_inside(workspace, pattern)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _regular_files(workspace: Path, pattern: str) -> Iterator[Path]:
    return (path for path in _inside(workspace, pattern) if stat.S_ISREG(path.lstat().st_mode))


def _inside(workspace: Path, pattern: str) -> Iterator[Path]:
    """What matches, reached through folders of the workspace alone, never through a link."""
    top = workspace.resolve()
    for path in sorted(top.glob(pattern)):
        if path.parent.resolve().is_relative_to(top) and _no_link_above(path, top):
            yield path
    # A link that points nowhere is not matched by a plain pattern, and still has to go.
    plain = top / pattern
    if plain.is_symlink() and not plain.exists() and _no_link_above(plain, top):
        yield plain


def _no_link_above(path: Path, top: Path) -> bool:
    return path.parent.resolve() == path.parent and path.is_relative_to(top)
