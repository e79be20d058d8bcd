"""Once a day a service forgets what is of no use any more: its store must not grow for ever."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from shared.bus.timers import Tick
from shared.clock import Clock
from shared.jobs import Said, rows
from shared.store import Handling, Store, inbox

log = structlog.get_logger()

DAILY = timedelta(days=1)
KEEP_HEARD = timedelta(days=35)
"""Since a message was last heard. A reconcile says closed pull requests again for 30 days."""
KEEP_REPEATABLE_JOBS = timedelta(days=7)
"""Since a job was done that is done again whenever it is asked for: only people look at its row."""
KEEP_JOBS = KEEP_HEARD
"""Since any other job was done or given up: it stays as long as a repeat of what asked for it is
known by the inbox, else it would be done a second time."""
PAGE = 1000
"""Rows of each table in one transaction: the store has one thread, and others wait for it."""


def prune(session: Session, now: datetime, repeatable: frozenset[str]) -> int:
    """Forget at most a page of each kind; how many rows went. `repeatable`: kinds of jobs."""
    gone = inbox.forget(session, now - KEEP_HEARD, limit=PAGE)
    before = now - KEEP_REPEATABLE_JOBS
    gone += rows.forget_done(session, before, limit=PAGE, kinds=repeatable)
    return gone + rows.forget_done(session, now - KEEP_JOBS, limit=PAGE)


class Pruning:
    """What a timer commits once a day, page by page until nothing is left to forget."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.repeatable: frozenset[str] = frozenset()

    async def commit(self, _name: str, _tick: Tick) -> None:
        """Called by the timer, in the place of one transaction."""
        total = 0
        while gone := await self._store.run(self._page):
            total += gone
        if total:
            log.info("pruned", rows=total, next="again in a day")

    def _page(self, session: Session) -> int:
        return prune(session, self._clock.now(), self.repeatable)


def pruning(_at: Handling) -> Said:
    """The timer's tick, by its name in the logs; what is forgotten is nobody's news."""
    return ()
