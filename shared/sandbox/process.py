"""The `process` sandbox: a plain subprocess with limits. It does not isolate, and says so.

Only for programs that are as trusted as the fleet itself: the bundled sample's own tools.
"""

import asyncio
import tempfile
from pathlib import Path

from shared.clock import Clock
from shared.sandbox.lending import measure
from shared.sandbox.port import Command, Finished
from shared.sandbox.supervise import Launch, supervise

NOT_ISOLATED = (
    "process: NOT isolated; the program can read this user's files, use the network and "
    "write outside its workspace (only its time, memory, processes and output are limited)"
)

_PATH = "/usr/local/bin:/usr/bin:/bin"


class ProcessSandbox:
    """A session of its own, a clean environment, bounded resources, and nothing left behind."""

    name = "process"

    def __init__(self, clock: Clock, *, because: str = "") -> None:
        """`because`: why nothing better is used, for people; it becomes part of `isolation`."""
        self._clock = clock
        self._because = because

    @property
    def isolation(self) -> str:
        """One line for people: that nothing is held, and why it came to this."""
        return f"{NOT_ISOLATED}; {self._because}" if self._because else NOT_ISOLATED

    def path(self, workspace: Path) -> str:
        """The same path as outside: nothing is moved."""
        return str(workspace)

    async def run(self, command: Command) -> Finished:
        """See `Sandbox.run`. `writable` and `read_only` are not enforced here."""
        before = await asyncio.to_thread(measure, command.workspace)
        beside = command.workspace.parent  # swept with it, whatever was killed
        with tempfile.TemporaryDirectory(prefix="gatefleet-home-", dir=beside) as home:
            env = {"PATH": _PATH, "LANG": "C.UTF-8", **command.env}
            launch = Launch(
                argv=command.argv,
                env={**env, "HOME": home, "TMPDIR": home},
                cwd=str(command.workspace),
                name=self.name,
                disk_before=before,
            )
            return await supervise(launch, command, clock=self._clock)
