"""Lets something that cannot wait tell people what it does, line by line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from shared.runs import LiveRun


@asynccontextmanager
async def told(live: LiveRun, phase: str) -> AsyncIterator[Callable[[str], None]]:
    """A plain function whose lines become the run's progress, all of them said before the end."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    telling = asyncio.create_task(_tell(live, phase, lines))
    try:
        yield lines.put_nowait
        lines.put_nowait(None)
        await telling
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _tell(live: LiveRun, phase: str, lines: asyncio.Queue[str | None]) -> None:
    while (line := await lines.get()) is not None:
        await live.progress(phase, line)
