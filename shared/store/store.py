"""A service's store: one engine, one thread, one transaction at a time."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.clock import Clock, SystemClock
from shared.store.apart import upgrade_apart
from shared.store.engine import Fence, open_engine
from shared.store.failures import is_the_stores
from shared.store.line import Line
from shared.store.migrate import BUS, Migrations, is_newest, migrate
from shared.store.seat import FileSeat, SchemaSeat, Seat

log = structlog.get_logger()

T = TypeVar("T")

MEND = "waits and tries again, nothing is lost; make room on that disk, or see that it can be written to"

OF_WRITES = ("full", "disk I/O", "readonly", "read-only")
"""Words of a trouble that does not keep anybody from reading: only a write tells that it is over."""


class Store:
    """The one place where a service keeps its state.

    Every transaction runs on the store's own thread: handlers are plain functions, the event loop
    never waits for a disk, and there is nothing to lock.
    """

    def __init__(self, url: str, *, schema: str | None = None) -> None:
        """`url`: sqlite:///FILE or postgresql://…; nothing is opened before `open`."""
        self.url = url
        self._schema = schema
        self.failures = 0
        """How many transactions failed by the store's own fault."""
        self.trouble = ""
        """Why the last transaction failed, if it was the store's own fault."""
        self.upgrades_apart = False
        """True: migrations run in a process of their own, as one that stays for long should have it."""
        self._fence = Fence()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    def seat(self, clock: Clock) -> Seat | None:
        """The right to be the only active instance on this database; None: nobody else can reach it."""
        parsed = make_url(self.url)
        if parsed.get_backend_name() == "postgresql":
            return SchemaSeat(self.url, self._schema, self._fence, clock)
        return FileSeat(Path(parsed.database), clock) if parsed.database else None

    async def open(self, migrations: Sequence[Migrations] = ()) -> None:
        """Connect and bring the tables to the newest version."""

        def work() -> None:
            self._engine = open_engine(self.url, schema=self._schema, fence=self._fence)
            self._line = Line(self._engine, SystemClock())
            sets = (BUS, *migrations)
            if self.upgrades_apart and not all(is_newest(self._engine, each) for each in sets):
                upgrade_apart(self.url, self._schema, sets)
            for each in sets:
                migrate(self._engine, each)

        await self._on_thread(work)

    async def run(self, work: Callable[[Session], T], *, lasting: bool = True) -> T:
        """`work` in one transaction, committed when it returns, rolled back when it raises.

        `lasting` False: a power cut may undo it, as if it had not been done yet; no wait for the disk.
        """

        def transaction() -> tuple[T, bool]:
            with self._line.session(lasting=lasting) as session, session.begin():
                if not any(word in self.trouble for word in OF_WRITES):
                    return work(session), True
                before = _changes(session)
                done = work(session)
                session.flush()
                return done, _changes(session) != before

        try:
            done, tells = await self._on_thread(transaction)
        except DBAPIError as error:
            if is_the_stores(error):
                await self._on_thread(self._line.release)
                self.failures += 1
                self._troubled(str(error.orig))
            raise
        if tells:  # of a full disk much can be read, and that says nothing
            self._troubled("")
        return done

    def _troubled(self, why: str) -> None:
        """Said when it begins and when it is over, whatever is tried in between."""
        if bool(why) != bool(self.trouble):
            where = make_url(self.url)
            told = where.database if where.get_backend_name() == "sqlite" else where.host
            if why:
                log.warning("store_refuses", store=told or "memory", why=why, next=MEND)
            else:
                log.warning("store_takes_again", store=told or "memory", next="what waited goes on")
        self.trouble = why

    @property
    def is_open(self) -> bool:
        """Between `open` and `close`."""
        return "_engine" in self.__dict__

    async def close(self) -> None:
        """Finish what runs, then disconnect. Never opened or closed before: nothing to do."""
        engine = self.__dict__.pop("_engine", None)
        if engine is not None:
            await self._on_thread(self._line.release)
            await self._on_thread(engine.dispose)
        self._thread.shutdown(wait=True)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        context = copy_context()  # what the caller is about, for the lines that work logs
        return await asyncio.get_running_loop().run_in_executor(self._thread, context.run, work)


def _changes(session: Session) -> float:
    """How many rows were ever changed on its connection; where nobody counts them, each look is new."""
    raw = session.connection().connection.dbapi_connection
    return float(getattr(raw, "total_changes", "nan"))
