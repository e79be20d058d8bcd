"""One git process: hardened, in its own process group, bounded in time and in output.

`Git` never starts in a foreign folder: it names its repository by `--git-dir` and stands inside it,
so that neither discovery nor a work tree's files take part.
"""

import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from shared.errors import Missing
from shared.git.ending import end_group
from shared.git.failures import AGAIN, GitFailed, OutputTooLarge, failure
from shared.git.hardening import environment

OLDEST_GIT = (2, 38)
NO_GIT = "git: not found; install git 2.38 or newer and make sure that it is on PATH"
OLD_GIT = (
    "git: this is {found}, and 2.38 or newer is needed (`git merge-tree --write-tree`); update it"
)
TIMED_OUT = "{subject}: did not end within {seconds:g} s; {again}"
TOO_MUCH = "{subject}: wrote more than {limit} bytes; it was stopped"

DEFAULT_TIMEOUT = timedelta(seconds=60)
OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024
STDERR_KEPT_BYTES = 64 * 1024
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Ran:
    """How a git process ended: its exit code, its output and the end of its stderr."""

    code: int
    out: bytes
    err: bytes


@dataclass(frozen=True)
class Limits:
    """Bounds of one call: how long it may take, and how many bytes of output are held."""

    timeout: timedelta = DEFAULT_TIMEOUT
    output_bytes: int = OUTPUT_LIMIT_BYTES


@dataclass(frozen=True)
class Setting:
    """What one call adds: variables, configuration that wins, and a work tree, which must be ours."""

    env: Mapping[str, str] = field(default_factory=dict)
    work_tree: Path | None = None
    config: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a credential


class Git:
    """Git on one repository of ours. `subject` opens every error's message."""

    def __init__(
        self, git_dir: Path, *, timeout: timedelta = DEFAULT_TIMEOUT, subject: str | None = None
    ) -> None:
        self.git_dir = git_dir.absolute()
        self._timeout = timeout
        self._subject = subject or self.git_dir.name

    async def run(
        self,
        *args: str,
        input: bytes = b"",
        env: Mapping[str, str] | None = None,
        ok: tuple[int, ...] = (0,),
    ) -> bytes:
        """Git's output in bytes; an exit outside `ok` raises GitFailed, GitRefused, GitBadInput."""
        ran = await self.call(*args, input=input, setting=Setting(env=env or {}), ok=ok)
        return ran.out

    async def call(
        self,
        *args: str,
        input: bytes = b"",
        setting: Setting | None = None,
        ok: tuple[int, ...] = (0,),
        limit_bytes: int = OUTPUT_LIMIT_BYTES,
    ) -> Ran:
        """Like `run`, with the exit code and stderr, more settings, and a limit of its own.

        Raises OutputTooLarge once git wrote more than `limit_bytes`.
        """
        setting = setting or Setting()
        subject = f"{self._subject}: git {args[0]}"
        where = [f"--git-dir={self.git_dir}"]
        if setting.work_tree:
            where.append(f"--work-tree={setting.work_tree}")
        ran = await spawn(
            ("git", *where, *args),
            subject=subject,
            cwd=setting.work_tree or (self.git_dir if self.git_dir.is_dir() else Path("/")),
            env=environment(setting.env, config=setting.config),
            input=input,
            limits=Limits(self._timeout, limit_bytes),
        )
        if ran.code not in ok:
            raise failure(subject, ran.code, ran.err)
        return ran


async def require_git() -> tuple[int, ...]:
    """The version of the installed git. Raises Missing when there is none or it is too old."""
    env = environment()
    ran = await spawn(("git", "version"), subject="git version", cwd=Path("/"), env=env)
    found = ran.out.decode("utf-8", "replace").strip()
    numbers = re.match(r"git version (\d+)\.(\d+)(?:\.(\d+))?", found)
    version = tuple(int(number) for number in numbers.groups() if number) if numbers else ()
    if version < OLDEST_GIT:
        raise Missing(OLD_GIT.format(found=found or "no git that tells its version"))
    return version


async def spawn(
    argv: tuple[str, ...],
    *,
    subject: str,
    cwd: Path,
    env: Mapping[str, str],
    input: bytes = b"",
    limits: Limits | None = None,
) -> Ran:
    """Run `argv` to its end. Whatever happens, cancellation included, its process group is gone."""
    limits = limits or Limits()
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env=dict(env),
            stdin=asyncio.subprocess.PIPE if input else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise Missing(NO_GIT) from error
    ended = False
    try:
        async with asyncio.timeout(limits.timeout.total_seconds()):
            ran = await _converse(process, input, limits.output_bytes, subject)
        ended = True
        return ran
    except TimeoutError as error:
        seconds = limits.timeout.total_seconds()
        words = TIMED_OUT.format(subject=subject, seconds=seconds, again=AGAIN)
        raise GitFailed(words) from error
    finally:
        if not ended:
            await _end(process)


async def _converse(
    process: asyncio.subprocess.Process, data: bytes, limit: int, subject: str
) -> Ran:
    """Feed stdin while reading both outputs: doing one after the other blocks on full pipes."""
    feeding = asyncio.create_task(_feed(process, data))
    complaints = asyncio.create_task(_read_end(process))
    try:
        out = await _read_all(process, limit, subject)
        await feeding
        err = await complaints
        return Ran(code=await process.wait(), out=out, err=err)
    finally:
        for task in (feeding, complaints):
            task.cancel()
        await asyncio.gather(feeding, complaints, return_exceptions=True)


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    if process.stdin is None:
        return
    # A process that ended early says why by its exit and stderr, not by the broken pipe.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        await process.stdin.wait_closed()


async def _read_all(process: asyncio.subprocess.Process, limit: int, subject: str) -> bytes:
    held = bytearray()
    while process.stdout and (chunk := await process.stdout.read(_CHUNK_BYTES)):
        held += chunk
        if len(held) > limit:
            raise OutputTooLarge(TOO_MUCH.format(subject=subject, limit=limit))
    return bytes(held)


async def _read_end(process: asyncio.subprocess.Process) -> bytes:
    held = b""
    while process.stderr and (chunk := await process.stderr.read(_CHUNK_BYTES)):
        held = (held + chunk)[-STDERR_KEPT_BYTES:]
    return held


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the whole group, then read the pipes dry: only then are their transports closed."""
    await end_group(process)
    for stream in (process.stdout, process.stderr):
        while stream and await stream.read(_CHUNK_BYTES):
            pass
