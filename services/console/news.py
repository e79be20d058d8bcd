"""Wakes those who follow the log when something was committed to it."""

import asyncio

from sqlalchemy import event
from sqlalchemy.orm import Session


class News:
    """Everyone who waits is woken by each commit, and by the end."""

    def __init__(self) -> None:
        self.closed = False
        self.count = 0
        """How often something was committed: whoever looks remembers it, and waits for another."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Event] = set()

    def open(self) -> None:
        """Wake waiters of this event loop from now on."""
        self._loop = asyncio.get_running_loop()
        self.closed = False

    def close(self) -> None:
        """Nothing more will come: everyone who waits returns."""
        self.closed = True
        self._wake()

    def once_committed(self, session: Session) -> None:
        """Tell of this session's transaction when it is committed; called on the store's thread."""
        if not event.contains(session, "after_commit", self._told):  # one for a batch of messages
            event.listen(session, "after_commit", self._told)

    async def wait(self, seen: int, seconds: float) -> bool:
        """Return at the first commit after `seen` or at the end; False: neither came in that time."""
        mine = asyncio.Event()
        self._waiting.add(mine)
        try:
            if not self.closed and self.count == seen:
                await asyncio.wait_for(mine.wait(), seconds)
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(mine)
        return True

    def _told(self, _session: Session) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self.count += 1
        for each in self._waiting:
            each.set()
