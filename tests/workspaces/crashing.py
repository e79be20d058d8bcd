"""A process that works as an agent does, for tests that kill it: `python -m tests.workspaces.crashing
SCRATCH PROGRAM…` runs PROGRAM in a workspace and says where, once it runs."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from shared.clock import SystemClock
from shared.messages.examples import example
from shared.messages.work import ProposalsRequested, WorkRequest
from shared.sandbox import Command
from shared.sandbox.process import ProcessSandbox
from shared.workspaces import workspace

LONG = timedelta(minutes=2)


async def work(scratch: Path, argv: tuple[str, ...]) -> None:
    """Until it is killed."""
    request = example(ProposalsRequested.topic)
    assert isinstance(request, WorkRequest)
    async with workspace(scratch, request) as folder:
        tree = folder / "tree"
        tree.mkdir()

        def say(output: bytes) -> None:
            print(output.decode().strip(), flush=True)

        sandbox = ProcessSandbox(SystemClock())
        await sandbox.run(Command(argv, tree, timeout=LONG, on_output=say))


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), tuple(sys.argv[2:])))
