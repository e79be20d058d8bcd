"""Commits as values, from `git log` with fields that NUL separates."""

from datetime import datetime
from pathlib import Path

from services.local_forge.git.command import run_git
from services.local_forge.git.facts import CommitInfo, Signature
from shared.errors import TryLater

_FIELDS = ("%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B")
_FORMAT = "--format=tformat:" + "%x00".join(_FIELDS) + "%x00"


async def read_commits(folder: Path, *arguments: str) -> list[CommitInfo]:
    """The commits that `git log ARGUMENTS` names, in its order. Raises TryLater if git cannot."""
    done = await run_git(
        folder, "log", "--no-mailmap", "--encoding=UTF-8", "--no-notes", _FORMAT, *arguments, "--"
    )
    if done.code:
        raise TryLater(f"{folder.stem}: cannot read commits: {done.err}")
    words = done.out.decode("utf-8", "replace").split("\0")
    width = len(_FIELDS)
    return [_commit(words[at : at + width]) for at in range(0, len(words) - width, width)]


def _commit(fields: list[str]) -> CommitInfo:
    sha, tree, parents, name, email, made, by_name, by_email, written, message = fields
    return CommitInfo(
        sha=sha.lstrip("\n"),
        tree=tree,
        parents=tuple(parents.split()),
        author=Signature(name, email, _date(made)),
        committer=Signature(by_name, by_email, _date(written)),
        message=message.rstrip("\n"),
    )


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text)
