"""Refs as git stores them in files: reading them so spares a process for every question.

A loose file wins over `packed-refs`, and is looked for first: git writes the packed one before it
removes the loose one, so a ref that moves meanwhile is seen at its old place or its new one.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_NOT_IN_A_NAME = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/]|/$|\.lock(/|$)|\.$|(^|/)\.|[\ud800-\udfff]"
)
_SHA = re.compile(r"[0-9a-f]{40}")
_POINTS = "ref: "
_DEEPEST = 5


def is_name(name: str) -> bool:
    """May a ref be called so? (`git check-ref-format`, and never a way out of the folder)"""
    return bool(name) and _NOT_IN_A_NAME.search(name) is None


class Refs:
    """The refs of the bare repository at `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._packed: Mapping[str, str] = {}
        self._seen: tuple[int, int, int] | None = None

    def one(self, name: str) -> str | None:
        """The object that a full ref, `refs/…`, points to."""
        return self._followed(name, _DEEPEST) if is_name(name) else None

    def all(self, prefix: str = "refs/") -> dict[str, str]:
        """Every ref whose full name starts with `prefix`, by name."""
        loose = set(self._loose("refs"))
        names = sorted(name for name in loose | set(self._read_packed()) if name.startswith(prefix))
        found = ((name, self.one(name)) for name in names)
        return {name: sha for name, sha in found if sha is not None}

    def _followed(self, name: str, left: int) -> str | None:
        try:
            text = (self._folder / name).read_text(encoding="utf-8", errors="replace").strip()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return self._read_packed().get(name)
        if text.startswith(_POINTS):
            target = text.removeprefix(_POINTS)
            return self._followed(target, left - 1) if left and is_name(target) else None
        return text if _SHA.fullmatch(text) else None

    def _loose(self, place: str) -> Iterator[str]:
        try:
            entries = list(os.scandir(self._folder / place))
        except (FileNotFoundError, NotADirectoryError):  # a branch may go, folder and all
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from self._loose(f"{place}/{entry.name}")
            elif is_name(entry.name):
                yield f"{place}/{entry.name}"

    def _read_packed(self) -> Mapping[str, str]:
        path = self._folder / "packed-refs"
        try:
            facts = path.stat()
        except FileNotFoundError:
            return {}
        seen = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        if seen != self._seen:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            pairs = (line.split(" ", 1) for line in lines if line[:1] not in {"#", "^", ""})
            self._packed = {name: sha for sha, name in pairs}
            self._seen = seen
        return self._packed
