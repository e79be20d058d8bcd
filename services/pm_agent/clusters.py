"""Which findings of a linter or type checker make one issue: a file's, or one rule's in a folder."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from services.pm_agent.found import Found

FOLDER_FILES = 4
"""From this many files on, one rule in one folder is one issue instead of a part of each file's."""

PATHS_LIMIT = 100


@dataclass(frozen=True)
class Cluster:
    """Findings that belong together. `place`: the file, or the folder with a `/` at its end."""

    place: str
    found: tuple[Found, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files, sorted; at most `PATHS_LIMIT`, the rest comes with a later issue."""
        return tuple(sorted({one.path for one in self.found})[:PATHS_LIMIT])

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules, sorted."""
        return tuple(sorted({one.rule for one in self.found}))


def cluster(found: Sequence[Found]) -> list[Cluster]:
    """Every finding in exactly one cluster, in the order of places and rules."""
    files: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in found:
        files[_folder(one), one.rule].add(one.path)
    together: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for one in found:
        wide = len(files[_folder(one), one.rule]) >= FOLDER_FILES
        together[(_folder(one), one.rule) if wide else (one.path, "")].append(one)
    return [
        Cluster(place, tuple(sorted(members, key=_order)))
        for (place, _), members in sorted(together.items())
    ]


def _folder(one: Found) -> str:
    parent = str(PurePosixPath(one.path).parent)
    return "./" if parent == "." else f"{parent}/"


def _order(one: Found) -> tuple[str, int, str, str]:
    return one.path, one.line or 0, one.rule, one.text
