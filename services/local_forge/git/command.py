"""Run the git CLI so that neither the machine's nor the person's configuration has a say in it."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Missing, TryLater
from shared.git.ending import end_group

READ_SIZE_BYTES = 64 * 1024
TIMEOUT_S = 300.0
NO_GIT = "git: it is not on PATH; install git 2.38 or later"

_ALWAYS = {
    "core.fsmonitor": "false",
    "core.quotePath": "false",
    "diff.renameLimit": "2000",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "log.showSignature": "false",
    "protocol.ext.allow": "never",
    "receive.autogc": "false",
    "uploadpack.allowFilter": "true",
}


@dataclass(frozen=True)
class Finished:
    """How a git command ended."""

    code: int
    out: bytes
    err: str


def git_environment(
    *, hooks: Path | None = None, config: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The whole environment of a git process: `hooks` is the only folder it may run hooks from."""
    settings = {**_ALWAYS, "core.hooksPath": str(hooks or "/dev/null"), **(config or {})}
    numbered: dict[str, str] = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(sorted(settings.items())):
        numbered[f"GIT_CONFIG_KEY_{number}"] = key
        numbered[f"GIT_CONFIG_VALUE_{number}"] = value
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_DEFAULT_REF_FORMAT": "files",
        **numbered,
    }


@contextlib.asynccontextmanager
async def running(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    errors: int = asyncio.subprocess.DEVNULL,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A git process with pipes for input and output; what is left of its group is ended with it.

    `errors`: where stderr goes; a pipe that nobody reads would stop the process when it is full.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=dict(environment),
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise Missing(NO_GIT) from error
    try:
        yield process
    finally:
        if process.returncode is None:
            await end_group(process)


async def run_git(
    folder: Path | None,
    *arguments: str,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
) -> Finished:
    """Run `git ARGUMENTS` in the bare repository `folder` and wait for its end.

    `extra` adds to the environment (a commit's author). Raises TryLater after 300 s.
    """
    place = ["--git-dir", str(folder)] if folder else []
    environment = {**git_environment(), **(extra or {})}
    command = ["--literal-pathspecs", *place, *arguments]
    async with running(command, environment, errors=asyncio.subprocess.PIPE) as process:
        try:
            out, err = await asyncio.wait_for(process.communicate(stdin), TIMEOUT_S)
        except TimeoutError as error:
            raise TryLater(f"{folder}: git {arguments[0]} took over {TIMEOUT_S:.0f} s") from error
    return Finished(process.returncode or 0, out, err.decode("utf-8", "replace").strip())


async def read_git(folder: Path, *arguments: str) -> AsyncIterator[bytes]:
    """The output of `git ARGUMENTS` as it comes, for what may be too large to hold."""
    place = ["--literal-pathspecs", "--git-dir", str(folder)]
    async with running([*place, *arguments], git_environment()) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        while chunk := await process.stdout.read(READ_SIZE_BYTES):
            yield chunk
