"""What a sandbox is to its callers: a command goes in, how it ended comes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol

MIB = 1024 * 1024
TAIL_BYTES = 256 * 1024
"""How much of the output `Finished` keeps: its end."""

NOT_FOUND = 127
"""The exit code of a command that does not exist inside, in every kind of sandbox; `reason` says so
then, because a program may end with 127 for causes of its own."""

NOT_EXECUTABLE = 126
"""The exit code of a command that is there but cannot be started."""

Ended = Literal["exited", "timed_out", "idle", "output_limit", "out_of_memory", "killed"]


@dataclass(frozen=True)
class Command:
    """One program, where it works, and everything it may use up. Its stdin is closed, always.

    `env` is the whole environment of the program beside PATH, HOME, TMPDIR and LANG: nothing of
    ours is passed on. It is no place for a secret: nothing secret is readable inside a sandbox.
    One workspace belongs to one run at a time.
    """

    argv: tuple[str, ...]
    workspace: Path
    """A folder on the host; inside it is what `Sandbox.path` says. Hostile data afterwards."""
    timeout: timedelta
    env: Mapping[str, str] = field(default_factory=dict)
    idle_timeout: timedelta | None = None
    """The longest time without a byte of output."""
    output_limit_bytes: int = 10 * MIB
    memory_bytes: int = 2048 * MIB
    processes: int = 256
    """Threads count too."""
    disk_bytes: int = 2048 * MIB
    """How far the workspace may grow, and the largest single file."""
    writable: bool = True
    read_only: tuple[Path, ...] = ()
    """More files or folders of the host, readable under the same path inside. Where the fleet is
    root the program is not: they must be readable for others."""
    on_output: Callable[[bytes], None] | None = None


@dataclass(frozen=True)
class Finished:
    """How a command ended. Nothing that it started is alive any more."""

    ended: Ended
    exit_code: int | None
    """None where no exit code was seen (stopped from outside); 128 + n for signal n."""
    output: bytes
    """stdout and stderr as they came, the last `TAIL_BYTES` at most."""
    output_bytes: int
    """All that was written, kept or not; counting stops at the limit."""
    seconds: float
    reason: str = ""
    """For people, one line, where `ended` alone does not say it."""

    @property
    def ok(self) -> bool:
        """It ended by itself, with exit code 0."""
        return self.ended == "exited" and self.exit_code == 0


class Sandbox(Protocol):
    """A place to run programs that are not trusted."""

    @property
    def name(self) -> str:
        """The word that asks for it: `bubblewrap`, `process`."""
        ...

    @property
    def isolation(self) -> str:
        """One line for people: what is held, and what is not."""
        ...

    def path(self, workspace: Path) -> str:
        """How `workspace` is called inside."""
        ...

    async def run(self, command: Command) -> Finished:
        """Run it to one of its ends; afterwards every process that it started is gone.

        Cancelling kills everything and waits for it. Raises BadInput for a workspace that is no
        folder, Missing when the sandbox cannot be set up as it says (never a weaker one instead).
        """
        ...
