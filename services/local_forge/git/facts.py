"""What the git side answers with: plain frozen values, no git words to parse."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

NO_OBJECT = "0" * 40
"""The SHA that stands for "there is none": a ref before it was made or after it was deleted."""

FileStatus = Literal["added", "removed", "modified", "renamed", "copied", "changed"]


@dataclass(frozen=True)
class Signature:
    """Who made a commit, and when (with a time zone)."""

    name: str
    email: str
    date: datetime


@dataclass(frozen=True)
class CommitInfo:
    """One commit; `message` is whole, with its body."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str

    @property
    def title(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0]


@dataclass(frozen=True)
class FileChange:
    """One changed file, with the fields that GitHub's REST gives it.

    `sha` is the blob after the change (before it, for a removed file). `patch` holds hunks only, and is
    None where there is no text to show: binary, too long, or a pure rename.
    """

    sha: str
    filename: str
    status: FileStatus
    additions: int
    deletions: int
    changes: int
    patch: str | None = None
    previous_filename: str | None = None


@dataclass(frozen=True)
class TreeEntry:
    """One file of a whole tree (kind `blob`) or a submodule (`commit`); `size` in bytes."""

    path: str
    mode: str
    kind: Literal["blob", "commit"]
    sha: str
    size: int | None


@dataclass(frozen=True)
class RefUpdate:
    """A ref that moved; `NO_OBJECT` as old is a creation, as new a deletion."""

    ref: str
    old: str
    new: str


@dataclass(frozen=True)
class GitGrant:
    """What somebody may do with one repository over git.

    `login` is None where the token is absent or nobody's. `protected` names the branches (without
    `refs/heads/`) that change by pull request only; one that does not exist yet may be made by a push.
    """

    login: str | None
    may_read: bool
    may_write: bool
    protected: frozenset[str] = frozenset()
