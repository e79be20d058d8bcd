"""The tree that is looked at: an export of the default branch, its files listed before anything runs."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from shared.policy import Policy
from shared.sandbox import Sandbox

ODD_NAMES = "{count} files with names that cannot be shown were not looked at"
TOO_MANY = "only the first {limit} files were looked at"

FILES_LIMIT = 50_000
TEXT_LIMIT_BYTES = 512 * 1024


@dataclass(frozen=True)
class Tree:
    """What a finder gets. `paths` are regular files, `/` between folders, sorted."""

    workspace: Path
    paths: tuple[str, ...]
    sandbox: Sandbox
    policy: Policy
    lines: list[str] = field(default_factory=list)
    """What finders have to say to people beside their findings, one line each."""

    def say(self, line: str) -> None:
        """Tell people something that is not a finding."""
        self.lines.append(" ".join(line.split()))

    def read(self, path: str) -> str | None:
        """The text of a file of `paths`; None when it is no UTF-8 text, too large, or gone."""
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            with open(os.open(self.workspace / path, flags), "rb") as file:
                content = file.read(TEXT_LIMIT_BYTES + 1)
        except OSError:
            return None
        if len(content) > TEXT_LIMIT_BYTES or b"\0" in content:
            return None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    @cached_property
    def names(self) -> frozenset[str]:
        """`paths`, to ask whether one is there."""
        return frozenset(self.paths)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file, below the top."""
        return frozenset(
            str(folder)
            for path in self.paths
            for folder in PurePosixPath(path).parents
            if str(folder) != "."
        )


def survey(workspace: Path, sandbox: Sandbox, policy: Policy) -> Tree:
    """The tree as it is now. Links are not followed and not listed; neither is a `.git` folder."""
    tree = Tree(workspace, (), sandbox, policy)
    paths, odd = [], 0
    for path in _files(workspace):
        if _showable(path):
            paths.append(path)
        else:
            odd += 1
    if odd:
        tree.say(ODD_NAMES.format(count=odd))
    if len(paths) > FILES_LIMIT:
        tree.say(TOO_MANY.format(limit=FILES_LIMIT))
    return replace(tree, paths=tuple(sorted(paths)[:FILES_LIMIT]))


def _files(workspace: Path) -> Iterator[str]:
    for folder, below, names in os.walk(workspace):
        below[:] = sorted(name for name in below if name != ".git")
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(workspace).as_posix()


def _showable(path: str) -> bool:
    """False for what could not travel in a message or be read by people: such as a newline."""
    return path.isprintable() and not path.startswith("-")
