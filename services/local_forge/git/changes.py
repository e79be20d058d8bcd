"""Changed files as GitHub's REST shows them, from two outputs of `git diff-tree`.

Names come from the NUL-separated raw output, so that spaces, newlines and non-ASCII survive; the
hunks come from the patch output, whose sections stand in the same order.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from services.local_forge.git.command import read_git, run_git
from services.local_forge.git.facts import NO_OBJECT, FileChange, FileStatus
from shared.errors import TryLater

MAX_PATCH_LINES = 3000
MAX_PATCH_BYTES = 1024 * 1024
_SECTION = b"diff --git "
_STATUS: dict[str, FileStatus] = {
    "A": "added",
    "D": "removed",
    "M": "modified",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}
_DIFF = ("diff-tree", "-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color")


@dataclass(frozen=True)
class _Raw:
    """One entry of the raw output: status letter, blob, and the name before if it moved."""

    letter: str
    sha: str
    name: str
    before: str | None


async def changed_files(folder: Path, *, base: str, head: str) -> list[FileChange]:
    """Every file that differs between two trees or commits, in git's order."""
    done = await run_git(folder, *_DIFF, "--raw", "--numstat", "-z", "--abbrev=40", base, head)
    if done.code:
        raise TryLater(f"{folder.stem}: cannot compare {base[:12]} and {head[:12]}: {done.err}")
    raws, counts = _parse(done.out)
    patches = [patch async for patch in _patches(folder, base, head)]
    changes: list[FileChange] = []
    position = 0
    for raw, (added, removed) in zip(raws, counts, strict=True):
        sections = 2 if raw.letter == "T" else 1
        found = patches[position : position + sections]
        position += sections
        changes.append(_change(raw, added, removed, found))
    return changes


def _change(raw: _Raw, added: int, removed: int, found: list[str | None]) -> FileChange:
    texts = [text for text in found if text]
    change = FileChange(
        sha=raw.sha,
        filename=raw.name,
        status=_STATUS.get(raw.letter, "changed"),
        additions=added,
        deletions=removed,
        changes=added + removed,
        previous_filename=raw.before,
    )
    shown = texts and None not in found and added + removed <= MAX_PATCH_LINES
    return replace(change, patch="\n".join(texts)) if shown else change


def _parse(output: bytes) -> tuple[list[_Raw], list[tuple[int, int]]]:
    """The raw entries and the line counts of each; `-` (binary) counts as nothing."""
    words = output.decode("utf-8", "replace").split("\0")
    raws: list[_Raw] = []
    at = 0
    while at < len(words) and words[at].startswith(":"):
        _, _, old, new, status = words[at].split(" ")
        letter = status[0]
        moved = letter in "RC"
        names = words[at + 1 : at + (3 if moved else 2)]
        raws.append(
            _Raw(letter, old if new == NO_OBJECT else new, names[-1], names[0] if moved else None)
        )
        at += 1 + len(names)
    counts: list[tuple[int, int]] = []
    while at < len(words) and words[at]:
        added, removed, name = words[at].split("\t", 2)
        counts.append((_count(added), _count(removed)))
        at += 1 if name else 3  # a moved file has an empty name here and two names after it
    return raws, counts


def _count(text: str) -> int:
    return 0 if text == "-" else int(text)


async def _patches(folder: Path, base: str, head: str) -> AsyncIterator[str | None]:
    """The hunks of each section: None where it is too large, "" where there are none."""
    section: _Section | None = None
    async for line in _lines(read_git(folder, *_DIFF, "-p", base, head)):
        if line.startswith(_SECTION):
            if section is not None:
                yield section.text()
            section = _Section()
        elif section is not None:
            section.add(line)
    if section is not None:
        yield section.text()


class _Section:
    """One file's part of a patch, kept only as long as it is small enough to show."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._size_bytes = 0
        self._in_hunks = False

    def add(self, line: bytes) -> None:
        self._in_hunks = self._in_hunks or line.startswith(b"@@ ")
        if not self._in_hunks or self._size_bytes > MAX_PATCH_BYTES:
            return
        self._size_bytes += len(line)
        self._lines.append(line)
        if self._size_bytes > MAX_PATCH_BYTES:
            self._lines.clear()

    def text(self) -> str | None:
        if self._size_bytes > MAX_PATCH_BYTES:
            return None
        return b"\n".join(self._lines).decode("utf-8", "replace")


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines without their ends; one that is longer than a patch may be is cut, not kept whole."""
    rest = b""
    async for chunk in chunks:
        first, *more = chunk.split(b"\n")
        rest = (rest + first)[: MAX_PATCH_BYTES + 2]
        for line in more:
            yield rest
            rest = line
    if rest:
        yield rest
