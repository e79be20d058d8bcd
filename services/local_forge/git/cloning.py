"""Make a bare repository, empty or from somebody's local one, which is only ever read.

The source is read through `git upload-pack`, never by commands inside it, so that its own configuration
and hooks do not run.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.local_forge.git.command import Finished, run_git
from services.local_forge.git.refs import Refs
from shared.errors import BadInput

NO_BRANCH = "{place}: it has no branch {branch}; name one that it has"
HOOKS = "hooks"
_UNFINISHED = ".unfinished"
_UPLOAD_PACK = "git -c safe.directory=* upload-pack"
_UPDATE_HOOK = """#!/bin/sh
# Refuses what may not be pushed: $1 the ref, $2 its old and $3 its new object.
case "$1" in
refs/heads/* | refs/tags/*) ;;
*)
    echo "$1: only branches and tags can be pushed" >&2
    exit 1
    ;;
esac
case "$2" in *[!0]*) ;; *) exit 0 ;; esac
for name in $FORGE_PROTECTED; do
    if [ "$1" = "refs/heads/$name" ]; then
        echo "$name is protected: push another branch and open a pull request" >&2
        exit 1
    fi
done
"""
_POST_RECEIVE_HOOK = """#!/bin/sh
# Leaves the updates that really happened (old, new, ref) to the server.
cat > "${FORGE_UPDATES:-/dev/null}"
"""
_HOOKS = {"update": _UPDATE_HOOK, "post-receive": _POST_RECEIVE_HOOK}


async def create_bare(folder: Path, default_branch: str) -> None:
    """An empty bare repository at `folder`, with the server's own hooks. One with commits stays."""
    if _has_commits(folder):
        _put_hooks(folder)
        return
    async with _made_aside(folder) as place:
        await _initialise(place, default_branch)


async def clone_bare(folder: Path, source: Path, *, default_branch: str | None) -> str:
    """Copy branches and tags of `source`; answers the default branch.

    `default_branch` None takes the one that is checked out there. Nothing stays behind if it fails.
    One that is there, with a commit, stays as it is: what was pushed to it is nowhere else.
    Raises BadInput where `source` is not a git repository, has no commit, or no such branch.
    """
    branch = default_branch or await _checked_out(source)
    if _has_commits(folder):
        _put_hooks(folder)
        if not await _has(folder, branch):
            raise BadInput(NO_BRANCH.format(place=folder, branch=branch))
        return branch
    async with _made_aside(folder) as place:
        await _initialise(place, branch)
        fetched = await run_git(
            place,
            "fetch",
            "--quiet",
            "--no-tags",
            "--update-shallow",
            "--no-recurse-submodules",
            f"--upload-pack={_UPLOAD_PACK}",
            _url(source),
            "+refs/heads/*:refs/heads/*",
            "+refs/tags/*:refs/tags/*",
        )
        _must(source, fetched)
        if not await _has(place, branch):
            raise BadInput(NO_BRANCH.format(place=source, branch=branch))
    return branch


@asynccontextmanager
async def _made_aside(folder: Path) -> AsyncIterator[Path]:
    """Where to make what is to be at `folder`, which is there whole or not at all: whoever is killed
    meanwhile begins anew. What nobody had finished to make there before is replaced."""
    place = folder.with_name(f".{folder.name}{_UNFINISHED}")
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    try:
        yield place
        shutil.rmtree(folder, ignore_errors=True)
        place.rename(folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _has_commits(folder: Path) -> bool:
    return bool(Refs(folder).all())


async def _has(folder: Path, branch: str) -> bool:
    return (await run_git(folder, "rev-parse", "--verify", "-q", f"refs/heads/{branch}")).code == 0


async def _initialise(place: Path, default_branch: str) -> None:
    done = await run_git(
        None, "init", "--quiet", "--bare", "--template=", f"-b{default_branch}", str(place)
    )
    _must(place, done)
    _put_hooks(place)


def _put_hooks(folder: Path) -> None:
    hooks = folder / HOOKS
    hooks.mkdir(exist_ok=True)
    for name, text in _HOOKS.items():
        (hooks / name).write_text(text, encoding="utf-8")
        (hooks / name).chmod(0o755)


async def _checked_out(source: Path) -> str:
    answer = await run_git(
        None, "ls-remote", "--symref", f"--upload-pack={_UPLOAD_PACK}", _url(source)
    )
    if answer.code:
        raise BadInput(f"{source}: not a git repository that can be read; name a local one")
    lines = answer.out.decode("utf-8", "replace").splitlines()
    pairs = [line.split("\t", 1) for line in lines if not line.startswith("ref: ")]
    refs = {name: sha for sha, name in pairs}
    heads = [name for name in refs if name.startswith("refs/heads/")]
    if not heads:
        raise BadInput(f"{source}: it has no commits; commit something first")
    for line in lines:
        if line.startswith("ref: ") and line.endswith("\tHEAD"):
            return line.removeprefix("ref: ").removesuffix("\tHEAD").removeprefix("refs/heads/")
    here = refs.get("HEAD")
    same = [name for name in heads if refs[name] == here] or heads
    ordered = sorted(same, key=lambda name: (name not in _USUAL, name))
    return ordered[0].removeprefix("refs/heads/")


_USUAL = ("refs/heads/main", "refs/heads/master")


def _url(source: Path) -> str:
    # Not file://, which would read % in a folder's name as an escape.
    return str(source.resolve())


def _must(subject: Path, done: Finished) -> None:
    if done.code:
        raise BadInput(f"{subject}: {done.err.splitlines()[-1] if done.err else 'git failed'}")
