"""Commits that are ours: made from a checked tree, with the same id whenever they are made again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shared.git.failures import GitBadInput
from shared.git.objects import require_commit, require_sha
from shared.git.runner import Git

NAIVE_TIME = "commit time {at}: has no time zone; hand in an aware datetime"
BAD_PERSON = "{person!r}: a name and an address may not be empty or hold <, > or line breaks"
NUL_IN_MESSAGE = "commit message: holds a NUL byte; take it out"
EMPTY_MESSAGE = "commit message: is empty; say what the change does"

_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*): (.*)")
_FORBIDDEN = re.compile(r"[<>\x00-\x1f\x7f]")
_FIELDS = "%H%x00%P%x00%T%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """Who a commit names: a name and an address."""

    name: str
    email: str


@dataclass(frozen=True)
class Signers:
    """Who wrote a commit and who put it there."""

    author: Person
    committer: Person


@dataclass(frozen=True)
class Commit:
    """One commit. Times are UTC to the second; one that no calendar holds reads as 1970-01-01."""

    sha: str
    parents: tuple[str, ...]
    tree: str
    author: Person
    authored_at: datetime
    committer: Person
    committed_at: datetime
    message: str


async def make_commit(
    git_dir: Path,
    tree: str,
    parents: Sequence[str],
    *,
    message: str,
    at: datetime,
    by: Signers,
) -> str:
    """Write a commit of `tree` and return its id: the same for the same arguments, to the second.

    Both dates are `at`, in UTC. Raises GitBadInput for a naive time, an unusable person or message,
    a tree or parents that are not here.
    """
    stamp = _stamp(at)
    if "\0" in message:
        raise GitBadInput(NUL_IN_MESSAGE)
    if not message.strip():
        raise GitBadInput(EMPTY_MESSAGE)
    env = {
        **_identity("AUTHOR", by.author, stamp),
        **_identity("COMMITTER", by.committer, stamp),
    }
    named = [
        option for parent in parents for option in ("-p", await require_commit(git_dir, parent))
    ]
    out = await Git(git_dir).run(
        "commit-tree", require_sha(tree), *named, input=message.encode(), env=env
    )
    return out.decode().strip()


def trailers(message: str) -> dict[str, str]:
    """The `Key: value` lines that form a message's last paragraph; empty when it has none.

    Every line of that paragraph must be one, and it may not be the only paragraph. A key that
    stands there twice says nothing certain, so it is left out.
    """
    paragraphs = re.split(r"\n[ \t]*\n", message.replace("\r\n", "\n").strip())
    lines = [_TRAILER.fullmatch(line.rstrip()) for line in paragraphs[-1].split("\n")]
    found = [(line[1], line[2].strip()) for line in lines if line]
    if len(paragraphs) < 2 or len(found) < len(lines):
        return {}
    keys = [key.lower() for key, _ in found]
    return {key: value for key, value in found if keys.count(key.lower()) == 1}


async def commits_between(
    git_dir: Path, base: str, head: str, *, first_parent: bool
) -> list[Commit]:
    """The commits of `base..head`, oldest first; with `first_parent` only the branch's own line."""
    only = ("--first-parent",) if first_parent else ()
    order = ("--topo-order", "--reverse", "-z", "--no-notes", "--no-mailmap", "--no-show-signature")
    span = (await require_commit(git_dir, head), f"^{await require_commit(git_dir, base)}")
    out = await Git(git_dir).run("log", *order, *only, f"--format=tformat:{_FIELDS}", *span, "--")
    fields = out.decode("utf-8", "replace").split("\0")[:-1]
    return [_commit(fields[at : at + 10]) for at in range(0, len(fields), 10)]


async def read_commit(git_dir: Path, sha: str) -> Commit:
    """One commit that is here. Raises GitBadInput when it is not."""
    options = ("-1", "-z", "--no-notes", "--no-mailmap", "--no-show-signature")
    one = await require_commit(git_dir, sha)
    out = await Git(git_dir).run("log", *options, f"--format=tformat:{_FIELDS}", one, "--")
    return _commit(out.decode("utf-8", "replace").split("\0")[:10])


def _commit(fields: list[str]) -> Commit:
    sha, parents, tree, an, ae, authored, cn, ce, committed, message = fields
    return Commit(
        sha=sha,
        parents=tuple(parents.split()),
        tree=tree,
        author=Person(an, ae),
        authored_at=_time(authored),
        committer=Person(cn, ce),
        committed_at=_time(committed),
        message=message,
    )


def _identity(role: str, person: Person, stamp: str) -> dict[str, str]:
    for value in (person.name, person.email):
        if not value.strip() or _FORBIDDEN.search(value):
            raise GitBadInput(BAD_PERSON.format(person=person))
    return {
        f"GIT_{role}_NAME": person.name,
        f"GIT_{role}_EMAIL": person.email,
        f"GIT_{role}_DATE": stamp,
    }


def _stamp(at: datetime) -> str:
    if at.tzinfo is None:
        raise GitBadInput(NAIVE_TIME.format(at=at))
    return f"@{int(at.timestamp())} +0000"


def _time(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):  # a hostile commit may claim any number
        return _EPOCH
