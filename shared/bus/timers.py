"""Timers: a plain function of the time, run in a transaction every so often."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID, uuid5

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.clock import Clock
from shared.jobs import Said
from shared.store import Handling

log = structlog.get_logger()

Tick: TypeAlias = Callable[[Handling], Said]

_SPACE = UUID("0c1c5b9e-3b52-5d0e-8c8e-5f6f0d3b7f11")


def ticked(session: Session, now: datetime, name: str) -> Handling:
    """The handling of one tick; its id comes from the timer's name and the time."""
    return Handling(session, now, uuid5(_SPACE, f"{name} {now.isoformat()}"))


class Timer:
    """One timer of a service. A tick that fails is logged and the next one comes all the same."""

    def __init__(
        self, period: timedelta, tick: Tick, commit: Callable[[str, Tick], Awaitable[None]],
        clock: Clock,
    ) -> None:  # fmt: skip
        self.name = getattr(tick, "__name__", type(tick).__name__)
        self._period_s = period.total_seconds()
        self._tick = tick
        self._commit = commit
        self._clock = clock
        self._next = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Tick now, and then every period."""
        self._next = self._clock.monotonic()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """No tick after this."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def tasks(self) -> list[asyncio.Task[None]]:
        """What must not end before `stop`."""
        return [self._task] if self._task is not None else []

    def due(self) -> bool:
        """Whether a tick should have run by now and has not ended yet."""
        return self._task is not None and self._next <= self._clock.monotonic()

    async def _run(self) -> None:
        while True:
            try:
                await self._commit(self.name, self._tick)
            except DBAPIError as error:
                log.warning("store_unavailable", timer=self.name, error=str(error.orig),
                            next="at the next tick")  # fmt: skip
            except Exception:  # as with handlers: one mistake must not end what comes every second
                log.exception("tick_failed", timer=self.name, next="at the next tick")
            self._next = self._clock.monotonic() + self._period_s
            await self._clock.sleep(self._period_s)
