"""The end of a git that nobody waits for any more."""

import asyncio
import contextlib
import os
import signal

WITHIN_S = 2.0
"""For a git that is told to stop: it removes its lock files; a killed one leaves them."""


async def end_group(process: asyncio.subprocess.Process) -> None:
    """Tell the process group that `process` leads to stop, then kill what is left of it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WITHIN_S):
            await process.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
