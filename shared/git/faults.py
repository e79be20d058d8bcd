"""The named reasons why a bundle is not taken in. The names are stable; people and tests read them."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong with what an agent handed in?"""

    BUNDLE_MALFORMED = "bundle_malformed"
    BUNDLE_TOO_LARGE = "bundle_too_large"
    WRONG_BASE = "wrong_base"
    EXTRA_REFS = "extra_refs"
    PACK_UNREADABLE = "pack_unreadable"
    TOO_MANY_OBJECTS = "too_many_objects"
    INFLATES_TOO_MUCH = "inflates_too_much"
    NOT_A_COMMIT = "not_a_commit"
    OBJECTS_MISSING = "objects_missing"
    FSCK = "fsck"
    EMPTY_CHANGE = "empty_change"
    GIT_FOLDER_NAME = "git_folder_name"
    PATH_TRAVERSAL = "path_traversal"
    ABSOLUTE_PATH = "absolute_path"
    BACKSLASH = "backslash"
    CONTROL_CHARACTERS = "control_characters"
    NOT_UTF8 = "not_utf8"
    NAME_TOO_LONG = "name_too_long"
    CASE_COLLISION = "case_collision"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    ODD_MODE = "odd_mode"
    GITMODULES = "gitmodules"
    GITATTRIBUTES = "gitattributes"
    LFS_POINTER = "lfs_pointer"


WORDS: dict[Fault, str] = {
    Fault.BUNDLE_MALFORMED: "the bundle cannot be read; make it again with `git bundle create`",
    Fault.BUNDLE_TOO_LARGE: "the bundle is too large; split the change",
    Fault.WRONG_BASE: "the bundle does not stand on the commit that the run was given",
    Fault.EXTRA_REFS: "the bundle must hold exactly one ref, named refs/gatefleet/draft",
    Fault.PACK_UNREADABLE: "the objects in the bundle are damaged or cut off; make it again",
    Fault.TOO_MANY_OBJECTS: "the bundle holds too many objects; split the change",
    Fault.INFLATES_TOO_MUCH: "the objects in the bundle unpack to too much; split the change",
    Fault.NOT_A_COMMIT: "the bundle's ref is not a commit",
    Fault.OBJECTS_MISSING: "objects that the change needs are not in the bundle",
    Fault.FSCK: "git finds the objects unsound",
    Fault.EMPTY_CHANGE: "nothing was changed",
    Fault.GIT_FOLDER_NAME: "a name that git could take for its own folder",
    Fault.PATH_TRAVERSAL: "a path with an empty part, `.` or `..`",
    Fault.ABSOLUTE_PATH: "an absolute path",
    Fault.BACKSLASH: "a backslash in a name",
    Fault.CONTROL_CHARACTERS: "a control character in a name",
    Fault.NOT_UTF8: "a name that is not UTF-8",
    Fault.NAME_TOO_LONG: "a name of more than 255 bytes",
    Fault.CASE_COLLISION: "differs from another path only by letter case or Unicode form",
    Fault.SYMLINK: "a symbolic link; fleet changes may not add or change one",
    Fault.SUBMODULE: "a submodule; fleet changes may not add or change one",
    Fault.ODD_MODE: "a file mode other than 100644 and 100755",
    Fault.GITMODULES: "submodule configuration; fleet changes may not touch it",
    Fault.GITATTRIBUTES: "attributes that make git run or rewrite (filter, diff, merge, ident, …)",
    Fault.LFS_POINTER: "a Git LFS pointer; the file behind it cannot travel with the change",
}


@dataclass(frozen=True)
class Reason:
    """One fault, where it is (a path, or nothing) and what exactly was seen (or nothing)."""

    fault: Fault
    path: str = ""
    detail: str = ""

    def __str__(self) -> str:
        """One line for people; odd characters of a path are escaped."""
        where = f"{self.path!r}: " if self.path else ""
        seen = f" ({self.detail})" if self.detail else ""
        return f"{where}{WORDS[self.fault]}{seen}"


@dataclass(frozen=True)
class Rejected:
    """A bundle that is not taken in, with every reason found; at least one."""

    reasons: tuple[Reason, ...]

    @property
    def faults(self) -> frozenset[Fault]:
        """The names of the reasons."""
        return frozenset(reason.fault for reason in self.reasons)
