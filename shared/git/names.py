"""Which file names must never come from an agent: a pure look at one path's bytes.

Git takes several spellings for its own folder, depending on the file system of whoever checks out:
letter case, code points that HFS+ ignores, NTFS short names, trailing dots and streams.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import accumulate

from shared.git.faults import Fault

_LONGEST_NAME_BYTES = 255
_HFS_IGNORES = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_GIT_SHORT_NAME = re.compile(r"git~[0-9]+")


def fold(name: str) -> str:
    """The form in which two names are the same on some file system: NFC, without letter case."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def plain(name: str) -> str:
    """A file name as the most forgiving file system reads it, to compare with special names."""
    seen = _HFS_IGNORES.sub("", name)
    return fold(seen.partition(":")[0].rstrip(". ")) or fold(seen)


def name_fault(path: bytes) -> Fault | None:
    """Why this path may not be written by an agent; None when it may."""
    if path.startswith(b"/") or re.match(rb"[A-Za-z]:", path):
        return Fault.ABSOLUTE_PATH
    try:
        parts = path.decode("utf-8").split("/")
    except UnicodeDecodeError:
        return Fault.NOT_UTF8
    for part in parts:
        if fault := _part_fault(part):
            return fault
    return None


def _part_fault(part: str) -> Fault | None:
    if part in ("", ".", ".."):
        return Fault.PATH_TRAVERSAL
    if plain(part) == ".git" or _GIT_SHORT_NAME.fullmatch(plain(part)):
        return Fault.GIT_FOLDER_NAME
    if _CONTROL.search(part):
        return Fault.CONTROL_CHARACTERS
    if "\\" in part:
        return Fault.BACKSLASH
    return Fault.NAME_TOO_LONG if len(part.encode()) > _LONGEST_NAME_BYTES else None


def collisions(changed: Iterable[str], every_path: Iterable[str]) -> list[str]:
    """Of the changed paths, those that some file system cannot keep apart from another path.

    Folders count: `Src/a.py` beside `src/b.py` is one folder there. What collides without a changed
    path taking part is the repository's own affair.
    """
    spellings: dict[str, set[str]] = {}
    for spelled in {prefix for path in every_path for prefix in _prefixes(path)}:
        spellings.setdefault(fold(spelled), set()).add(spelled)
    return [
        path
        for path in changed
        if any(len(spellings.get(fold(prefix), ())) > 1 for prefix in _prefixes(path))
    ]


def _prefixes(path: str) -> Iterable[str]:
    return accumulate(path.split("/"), lambda left, right: f"{left}/{right}")
