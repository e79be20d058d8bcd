"""Settled: nobody has anything to do, twice in a row."""

import asyncio
from collections.abc import Sequence

from shared.bus.service import Service


async def quiet(services: Sequence[Service], *, beyond_s: float | None = None) -> bool:
    """Every service idle and every queue empty, just now; `beyond_s`: as `Service.idle` takes it."""
    for service in services:
        if await service.driver.depth() or not await service.idle(beyond_s=beyond_s):
            return False
    return True


async def settled(services: Sequence[Service]) -> None:
    """Return when all services are idle and all their queues empty, twice in a row."""
    in_a_row = 0
    while in_a_row < 2:
        in_a_row = in_a_row + 1 if await quiet(services) else 0
        await asyncio.sleep(0 if in_a_row else 0.002)
