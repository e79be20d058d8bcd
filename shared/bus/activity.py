"""Being the one instance of a service that is active on its store, or standing by (decision 19)."""

import asyncio

from shared.store import Seat


class Activity:
    """Of one instance. Without a seat nobody else can come, and it is active at once."""

    def __init__(self, seat: Seat | None = None) -> None:
        self._seat = seat
        self._keeping: list[asyncio.Task[None]] = []

    @property
    def waits_for(self) -> str:
        """Who is active while this one stands by; empty where nobody is waited for."""
        return "" if self._seat is None else self._seat.waits_for

    async def begin(self, who: str) -> None:
        """Return when this instance is the active one."""
        if self._seat is not None:
            await self._seat.take(who)
            self._keeping = [asyncio.create_task(self._seat.keep())]

    def tasks(self) -> list[asyncio.Task[None]]:
        """What must not end before `leave`: it fails once another has taken over."""
        return self._keeping

    async def leave(self) -> None:
        """Let another take over at once."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        if self._seat is not None:
            await self._seat.leave()
