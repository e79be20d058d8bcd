"""Run one program under the keeper, hold its time and output, and see it gone."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.clock import Clock
from shared.errors import Missing
from shared.sandbox.cgroups import Cgroup
from shared.sandbox.port import NOT_EXECUTABLE, NOT_FOUND, TAIL_BYTES, Command, Ended, Finished

_KEEPER = Path(__file__).with_name("keeper.py")
_CHUNK_BYTES = 64 * 1024
_DISK_ENTRIES = 200_000
_OPEN_FILES = 4096

STOPPED_FOR = {
    "memory": "it used more than {0.memory_bytes} bytes of memory",
    "processes": "it had more than {0.processes} processes and threads",
    "disk": "it let its workspace grow by more than {0.disk_bytes} bytes or too many files",
}
KEEPER_LOST = "the process that watched it was killed from outside"
CANNOT_START = "sandbox: {} could not be started: {}; mend that and run it again"


@dataclass(frozen=True)
class Launch:
    """The command line that is really executed for a command, and what surrounds it."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    name: str
    """Whose launch it is, for people."""
    cgroups: tuple[Cgroup, ...] = ()
    own_processes: int = 0
    """Processes of the sandbox itself, which the program's limit does not count."""
    disk_before: tuple[int, int] = (0, 0)
    """Bytes and entries of the workspace before the run."""
    pass_fds: tuple[int, ...] = ()


class _Limit(Exception):
    """The program broke a limit that is held here."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended)
        self.ended: Ended = ended


class _Output:
    """What the program wrote: all of it counted, the tail kept, so memory stays bounded."""

    def __init__(self, command: Command, clock: Clock) -> None:
        self._command = command
        self._clock = clock
        self._tail = bytearray()
        self.total_bytes = 0
        self.last_at = clock.monotonic()

    @property
    def tail(self) -> bytes:
        return bytes(self._tail[-TAIL_BYTES:])

    async def read(self, stream: asyncio.StreamReader) -> None:
        """Read to the end; raises _Limit past the output limit."""
        while chunk := await stream.read(_CHUNK_BYTES):
            self.last_at = self._clock.monotonic()
            self.total_bytes += len(chunk)
            self._tail += chunk
            if len(self._tail) > 2 * TAIL_BYTES:
                del self._tail[:-TAIL_BYTES]
            if self._command.on_output is not None:
                self._command.on_output(chunk)
            if self.total_bytes > self._command.output_limit_bytes:
                raise _Limit("output_limit")

    async def hold_time(self) -> None:
        """Raises _Limit when the time is up, or after too long a silence; never returns."""
        end = self._clock.monotonic() + self._command.timeout.total_seconds()
        idle = self._command.idle_timeout
        while True:
            now = self._clock.monotonic()
            quiet_until = end if idle is None else self.last_at + idle.total_seconds()
            if now >= end:
                raise _Limit("timed_out")
            if now >= quiet_until:
                raise _Limit("idle")
            await self._clock.sleep(min(end, quiet_until) - now)


async def supervise(launch: Launch, command: Command, *, clock: Clock) -> Finished:
    """Run `launch` within the limits of `command`; on return or cancellation nothing of it lives.

    Raises Missing when the launch itself could not be set up.
    """
    began = clock.monotonic()
    output = _Output(command, clock)
    with _pipe() as (status_read, status_write):
        keeper = await _start_keeper(launch, command, status=status_write)
        os.set_blocking(status_read, False)
        ended: Ended | None = None
        try:
            await _until_end(keeper, output)
        except _Limit as limit:
            ended = limit.ended
        finally:
            await _see_gone(keeper)
        status = _status(status_read)
    seconds = clock.monotonic() - began
    return _finished(launch, command, output=output, status=status, ended=ended, seconds=seconds)


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    try:
        yield read, write
    finally:
        os.close(read)
        os.close(write)


async def _start_keeper(
    launch: Launch, command: Command, *, status: int
) -> asyncio.subprocess.Process:
    """The keeper's environment is empty and its session its own, so Ctrl-C reaches only us."""
    keeper = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(_KEEPER), str(status)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        pass_fds=(status, *launch.pass_fds),
        env={},
        cwd="/",
        start_new_session=True,
    )
    assert keeper.stdin is not None
    keeper.stdin.write(json.dumps(_spec(launch, command)).encode() + b"\n")
    return keeper


def _spec(launch: Launch, command: Command) -> dict[str, Any]:
    """What the keeper must know. Without control groups an address space limit backs its watch:
    four times the memory, because runtimes such as node reserve far more than they use."""
    rlimits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_FSIZE": command.disk_bytes,
        "RLIMIT_CPU": int(command.timeout.total_seconds()) + 1,
    }
    if not launch.cgroups and sys.platform == "linux":
        rlimits["RLIMIT_AS"] = 4 * command.memory_bytes
    return {
        "argv": launch.argv,
        "env": dict(launch.env),
        "cwd": launch.cwd,
        "rlimits": rlimits,
        "cgroups": [group.as_json() for group in launch.cgroups],
        "workspace": str(command.workspace),
        "memory_bytes": command.memory_bytes,
        "processes": command.processes,
        "own_processes": launch.own_processes,
        "disk_bytes": command.disk_bytes,
        "disk_entries": _DISK_ENTRIES,
        "disk_before": launch.disk_before[0],
        "entries_before": launch.disk_before[1],
    }


async def _until_end(keeper: asyncio.subprocess.Process, output: _Output) -> None:
    """Return when the keeper has ended; raise what a limit, or `on_output`, raised before."""
    assert keeper.stdout is not None
    alive = asyncio.ensure_future(keeper.wait())
    reading = asyncio.ensure_future(output.read(keeper.stdout))
    timing = asyncio.ensure_future(output.hold_time())
    tasks = (alive, reading, timing)
    try:
        await asyncio.wait({reading, timing}, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()  # the end of the output; a limit is raised here
            await asyncio.wait({alive, timing}, return_when=asyncio.FIRST_COMPLETED)
        if timing.done() and not alive.done():
            timing.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _see_gone(keeper: asyncio.subprocess.Process) -> None:
    """Tell the keeper to kill everything, and wait until it has, however often we are cancelled."""
    assert keeper.stdin is not None
    keeper.stdin.close()
    ending = asyncio.ensure_future(_drain(keeper))
    cancelled = False
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            cancelled = True
    ending.result()
    if cancelled:
        raise asyncio.CancelledError


async def _drain(keeper: asyncio.subprocess.Process) -> None:
    """Read on, or a full pipe would keep the transport from seeing its end."""
    assert keeper.stdout is not None
    assert keeper.stdin is not None
    while await keeper.stdout.read(_CHUNK_BYTES):
        pass
    with suppress(ConnectionError):
        await keeper.stdin.wait_closed()
    await keeper.wait()


def _status(read: int) -> dict[str, Any] | None:
    """The keeper's last words; None when it was killed before it could say them."""
    try:
        words = os.read(read, 65536)
    except BlockingIOError:
        return None
    found: dict[str, Any] = json.loads(words)
    return found


def _finished(
    launch: Launch,
    command: Command,
    *,
    output: _Output,
    status: dict[str, Any] | None,
    ended: Ended | None,
    seconds: float,
) -> Finished:
    """Put together what was seen here and what the keeper saw."""
    code: int | None = None
    reason = ""
    if ended is None and status is None:
        ended, reason = "killed", KEEPER_LOST
    elif ended is None and status is not None:
        if status["error"] and status["error"][0] == "setup":
            raise Missing(CANNOT_START.format(launch.name, status["error"][1]))
        ended, code = _how(status)
        if status["stopped"] in STOPPED_FOR:
            reason = STOPPED_FOR[status["stopped"]].format(command)
        elif status["error"]:
            reason = status["error"][1]
    assert ended is not None
    return Finished(ended, code, output.tail, output.total_bytes, seconds, reason)


def _how(status: dict[str, Any]) -> tuple[Ended, int | None]:
    """The end and the exit code, from the keeper's words."""
    if status["error"]:
        return "exited", NOT_FOUND if status["error"][0] == "missing" else NOT_EXECUTABLE
    if status["stopped"] == "memory":
        return "out_of_memory", None
    if status["exit"] is None:
        return "killed", None
    code = status["exit"] if status["exit"] >= 0 else 128 - status["exit"]
    if status["oom"] and code != 0:
        return "out_of_memory", code
    return ("killed" if code == 137 else "exited"), code


def last_line(output: bytes, *, limit: int | None = 300) -> str:
    """The last line of an output that says anything, for people, at most `limit` characters."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1][:limit] if lines else "no output"
