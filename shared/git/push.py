"""The one way out: a commit to one of the fleet's own branches, or such a branch removed.

The target's form is checked before any process starts. Nothing here can overwrite: one explicit
`sha:ref`, no `+`, no force option; a branch that is not where we left it is reported, not touched.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from shared.git.failures import LOOK_AT_CREDENTIAL, GitRefused, last_words
from shared.git.hardening import credential
from shared.git.merging import is_ancestor
from shared.git.objects import kind_of, require_commit, require_sha
from shared.git.remote import require_url
from shared.git.runner import Git, Ran, Setting

NOT_OURS = "{branch!r}: not a branch of the fleet; only gatefleet/issue-<N>/<12 hex> is ever pushed"
DEFAULT_BRANCH = "{branch!r}: the default branch is never pushed to; people merge"
NOT_FORWARD = "{branch}: {sha} does not follow {expected}; build the commit on the branch's head"
REJECTED = "{branch}: the remote refused it: {reason}; {mend}"

PUSH_TIMEOUT = timedelta(minutes=5)
_TARGET = re.compile(r"refs/heads/gatefleet/issue-[0-9]+/[0-9a-f]{12}")


@dataclass(frozen=True)
class Remote:
    """Where to push, as whom, and the branch that is never a target. The token is never shown."""

    url: str
    token: str | None = field(repr=False)
    default_branch: str


@dataclass(frozen=True)
class Pushed:
    """The branch is now at `sha`, by this call."""

    sha: str


@dataclass(frozen=True)
class AlreadyThere:
    """The branch was at `sha` before this call: an earlier try had succeeded."""

    sha: str


@dataclass(frozen=True)
class Moved:
    """The branch is not where we left it; `actual` is its commit, None when it is gone."""

    actual: str | None


@dataclass(frozen=True)
class Deleted:
    """The branch was removed by this call."""


@dataclass(frozen=True)
class AlreadyGone:
    """There was no such branch."""


async def push(
    git_dir: Path, remote: Remote, *, sha: str, branch: str, expected: str | None
) -> Pushed | AlreadyThere | Moved:
    """Push `sha` to `branch`, which must be at `expected` (None: must not exist).

    `branch` is the short name. Raises GitRefused for any other target, for a commit that does not
    follow `expected`, or when the remote says no; GitFailed when it may go through later.
    """
    target = _guard(remote, branch)
    await require_commit(git_dir, sha)
    if expected is not None and not await _follows(git_dir, expected, sha):
        raise GitRefused(NOT_FORWARD.format(branch=branch, sha=sha, expected=expected))
    actual = await remote_tip(git_dir, remote, branch)
    if actual == sha:
        return AlreadyThere(sha)
    if actual != expected:
        return Moved(actual)
    ran = await _push(git_dir, remote, f"{sha}:{target}")
    if ran.code == 0:
        return Pushed(sha)
    return await _after_refusal(git_dir, remote, ran, branch=branch, expected=expected)


async def delete_branch(
    git_dir: Path, remote: Remote, *, branch: str, expected: str
) -> Deleted | AlreadyGone | Moved:
    """Remove `branch` if it is still at `expected`. The same guard and errors as `push`."""
    target = _guard(remote, branch)
    actual = await remote_tip(git_dir, remote, branch)
    if actual is None:
        return AlreadyGone()
    if actual != require_sha(expected):
        return Moved(actual)
    ran = await _push(git_dir, remote, f":{target}")
    if ran.code == 0:
        return Deleted()
    return await _after_refusal(git_dir, remote, ran, branch=branch, expected=expected)


async def remote_tip(git_dir: Path, remote: Remote, branch: str) -> str | None:
    """Where a fleet branch is on the remote now; None when there is none."""
    target = _guard(remote, branch)
    ran = await _git(git_dir, remote).call(
        "ls-remote", "--refs", "--", remote.url, target, setting=_as(remote)
    )
    lines = (line.split("\t", 1) for line in ran.out.decode().splitlines())
    return next((sha for sha, name in lines if name == target), None)


def _guard(remote: Remote, branch: str) -> str:
    """The full name of the ref, once it is certain that it is one of ours."""
    target = f"refs/heads/{branch}"
    if branch in (remote.default_branch, remote.default_branch.removeprefix("refs/heads/")):
        raise GitRefused(DEFAULT_BRANCH.format(branch=branch))
    if not _TARGET.fullmatch(target):
        raise GitRefused(NOT_OURS.format(branch=branch[:200]))
    require_url(remote.url)
    return target


async def _follows(git_dir: Path, expected: str, sha: str) -> bool:
    known = await kind_of(git_dir, expected) == "commit"
    return known and await is_ancestor(git_dir, expected, sha)


async def _push(git_dir: Path, remote: Remote, refspec: str) -> Ran:
    options = ("--porcelain", "--no-verify", "--no-follow-tags", "--no-signed")
    command = ("push", *options, "--recurse-submodules=no", "--", remote.url, refspec)
    return await _git(git_dir, remote).call(*command, setting=_as(remote), ok=(0, 1))


async def _after_refusal(
    git_dir: Path, remote: Remote, ran: Ran, *, branch: str, expected: str | None
) -> Moved:
    """Somebody was faster between our look and our push, or the remote does not want it at all."""
    actual = await remote_tip(git_dir, remote, branch)
    if actual != expected:
        return Moved(actual)
    refusals = [line for line in ran.out.splitlines() if line.startswith(b"!")]
    reason = last_words(refusals[0].rpartition(b"\t")[2] if refusals else ran.err)
    words = REJECTED.format(branch=branch, reason=reason, mend=LOOK_AT_CREDENTIAL)
    raise GitRefused(words)


def _git(git_dir: Path, remote: Remote) -> Git:
    return Git(git_dir, timeout=PUSH_TIMEOUT, subject=remote.url)


def _as(remote: Remote) -> Setting:
    return Setting(config=credential(remote.token))
