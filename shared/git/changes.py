"""The facts of a change: which files, which lines, how large. Plain data, decided nowhere here."""

from dataclasses import dataclass

SYMLINK, SUBMODULE, EXECUTABLE, ABSENT = "120000", "160000", "100755", "000000"


@dataclass(frozen=True)
class ChangedFile:
    """One path that differs. A rename is two of these: what is gone, and what is new.

    Modes are git's six digits, `000000` where there is nothing; blobs are ids, 40 zeros likewise.
    `size_bytes` is of the new content, 0 when it is gone. Lines of a binary file count as 0.
    """

    path: str
    old_mode: str
    new_mode: str
    old_blob: str
    new_blob: str
    added: int
    deleted: int
    binary: bool
    size_bytes: int

    @property
    def gone(self) -> bool:
        """Is the path no longer there?"""
        return self.new_mode == ABSENT

    @property
    def new(self) -> bool:
        """Was the path not there before?"""
        return self.old_mode == ABSENT

    @property
    def mode_changed(self) -> bool:
        """Was the path there before and after, with another mode?"""
        return not self.gone and not self.new and self.old_mode != self.new_mode


@dataclass(frozen=True)
class Diff:
    """Every path that differs between two commits, in git's order, and the changed lines in all."""

    files: tuple[ChangedFile, ...]
    lines: int


@dataclass(frozen=True)
class Size:
    """How large a change is, for limits: bytes are of the new contents, paths in git's order."""

    files: int
    lines: int
    total_bytes: int
    largest_bytes: int
    largest_path: str
    binaries: tuple[str, ...]
    symlinks: tuple[str, ...]
    submodules: tuple[str, ...]
    new_executables: tuple[str, ...]


def size(diff: Diff) -> Size:
    """The size of a change. Links and submodules are named whether they come, go or change."""
    largest = max(diff.files, key=lambda file: file.size_bytes, default=None)

    def with_mode(mode: str) -> tuple[str, ...]:
        return tuple(f.path for f in diff.files if mode in (f.old_mode, f.new_mode))

    return Size(
        files=len(diff.files),
        lines=diff.lines,
        total_bytes=sum(file.size_bytes for file in diff.files),
        largest_bytes=largest.size_bytes if largest else 0,
        largest_path=largest.path if largest else "",
        binaries=tuple(file.path for file in diff.files if file.binary),
        symlinks=with_mode(SYMLINK),
        submodules=with_mode(SUBMODULE),
        new_executables=tuple(f.path for f in diff.files if f.new_mode == EXECUTABLE != f.old_mode),
    )
