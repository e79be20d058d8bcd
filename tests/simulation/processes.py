"""Processes of a simulation: the real git, run to its end at one turn of the loop.

What git answers is a function of its arguments, its input and the repositories it is pointed at, so
nothing of the machine's timing comes in. Questions about named objects are asked once: an object
never changes, and most of a simulation's time would be git's start otherwise.
"""

import asyncio
import re
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

NO_SUCH_PROCESS = 2**30
"""Above every process's number: whoever kills it is told that it has ended."""

Arguments = tuple[str, ...]
Around = Callable[[Arguments, Callable[[], "Ran"]], Awaitable["Ran"]]

_SHA = re.compile(r"[0-9a-f]{40}")
_LOOKS = frozenset(
    {"merge-base", "merge-tree", "diff-tree", "log", "rev-list", "ls-tree", "commit-tree"}
)
"""Commands whose answer follows from the objects that they name."""


@dataclass(frozen=True)
class Ran:
    """How a process ended."""

    code: int
    out: bytes
    err: bytes


def _plainly(_args: Arguments, run: Callable[[], Ran]) -> "Awaitable[Ran]":
    async def at_once() -> Ran:
        return run()

    return at_once()


@dataclass
class Processes:
    """Runs them; `around` sees each one before and after, outside of every service's life."""

    around: Around = _plainly
    known: dict[tuple[object, ...], Ran] = field(default_factory=dict)
    count: int = 0
    spared: int = 0

    def start(
        self, loop: asyncio.AbstractEventLoop, protocol: Any, args: Arguments,
        options: Mapping[str, Any],
    ) -> tuple["_Transport", Any]:  # fmt: skip
        """The transport and its protocol, as `subprocess_exec` answers them."""
        transport = _Transport(loop, protocol, args, options, self)
        protocol.connection_made(transport)
        if options.get("stdin") != subprocess.PIPE:
            transport.feed_end()
        return transport, protocol

    def run(self, args: Arguments, data: bytes, options: Mapping[str, Any]) -> Ran:
        """Run it, or remember what it answered."""
        env = options.get("env") or {}
        key = _key(args, data, env)
        if key is not None and key in self.known:
            self.spared += 1
            return self.known[key]
        self.count += 1
        done = subprocess.run(
            args, input=data, cwd=options.get("cwd"), env=env, capture_output=True, check=False
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        if key is not None and ran.code == 0:
            self.known[key] = ran
        return ran


def _key(args: Arguments, data: bytes, env: Mapping[str, str]) -> tuple[object, ...] | None:
    """What an answer may be remembered by; None: it may change, or it changes something."""
    command = next((each for each in args[1:] if each in _LOOKS), None)
    if command is None or not any(_SHA.search(each) for each in args):
        return None
    dates = tuple(sorted(item for item in env.items() if item[0].startswith("GIT_AUTHOR")))
    return (*args, data, dates)


class _Transport(asyncio.SubprocessTransport):
    """One process: it waits for the end of its input, and then has ended."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, protocol: Any, args: Arguments,
        options: Mapping[str, Any], processes: Processes,
    ) -> None:  # fmt: skip
        super().__init__()
        self._loop = loop
        self._protocol = protocol
        self._args = args
        self._options = options
        self._processes = processes
        self._data = bytearray()
        self._code: int | None = None
        self._ended: asyncio.Future[int] = loop.create_future()
        self._stdin = _Stdin(self)
        self._begun = False

    def feed(self, data: bytes) -> None:
        """More of its input."""
        self._data += data

    def feed_end(self) -> None:
        """All of its input: it runs."""
        if not self._begun:
            self._begun = True
            # In a context of its own: a process outlives whoever started it.
            self._loop.create_task(self._run(), context=Context())

    async def _run(self) -> None:
        def run() -> Ran:
            return self._processes.run(self._args, bytes(self._data), self._options)

        ran = await self._processes.around(self._args, run)
        for fd, data in ((1, ran.out), (2, ran.err)):
            if self.get_pipe_transport(fd) is not None:
                if data:
                    self._protocol.pipe_data_received(fd, data)
                self._protocol.pipe_connection_lost(fd, None)
        self._code = ran.code
        self._protocol.process_exited()
        self._protocol.pipe_connection_lost(0, None)
        if not self._ended.done():
            self._ended.set_result(ran.code)

    def get_pid(self) -> int:
        return NO_SUCH_PROCESS

    def get_returncode(self) -> int | None:
        return self._code

    def get_pipe_transport(self, fd: int) -> Any:
        if fd == 0:
            return self._stdin if self._options.get("stdin") == subprocess.PIPE else None
        asked = self._options.get("stdout" if fd == 1 else "stderr")
        return _Out() if asked == subprocess.PIPE else None

    async def _wait(self) -> int:
        return await asyncio.shield(self._ended)

    def close(self) -> None:
        self.feed_end()

    def is_closing(self) -> bool:
        return self._code is not None


class _Stdin(asyncio.WriteTransport):
    def __init__(self, process: _Transport) -> None:
        super().__init__()
        self._process = process
        self._closing = False

    def write(self, data: Any) -> None:
        self._process.feed(bytes(data))

    def close(self) -> None:
        self._closing = True
        self._process.feed_end()

    def is_closing(self) -> bool:
        return self._closing


class _Out(asyncio.ReadTransport):
    def pause_reading(self) -> None:
        """All of it is here at once."""

    def resume_reading(self) -> None:
        """All of it is here at once."""

    def close(self) -> None:
        """Nothing is held."""
