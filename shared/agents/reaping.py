"""From time to time what dead processes left is removed; what live ones own is not touched (I-50)."""

import asyncio
from pathlib import Path

import structlog

from shared.clock import Clock
from shared.workspaces import reap

log = structlog.get_logger()

PERIOD_S = 60.0


class Reaper:
    """A part of an agent: `scratch` is the instance's own folder."""

    def __init__(self, scratch: Path, clock: Clock) -> None:
        self._scratch = scratch
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; the agent itself sweeps at its start."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(PERIOD_S)
            try:
                await reap(self._scratch)
            except OSError as error:
                log.warning("not_reaped", folder=str(self._scratch), error=str(error),
                            next="at the next period")  # fmt: skip
