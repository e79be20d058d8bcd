"""One active instance of a service on one database; others stand by, and take over when it ends.

SQLite: a lock beside the file, which the operating system takes back however a process ends.
PostgreSQL: a session's advisory lock says who lives, and a term (a row that counts takeovers) says who
may write: every transaction of the active instance reads it, under the lock that makes transactions of
one schema come one after the other. So an instance that was thought dead and is not writes nothing any
more once another has taken over, whatever it was in the middle of.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from shared.clock import Clock
from shared.errors import Refused
from shared.store.engine import Fence, lock_of, open_engine

log = structlog.get_logger()

T = TypeVar("T")

LOOK_S = 1.0
OVER = "{who}: {holder} has taken over; this one ends, and may be started again to stand by"
SOMEBODY = "another process"

_TABLE = """create table if not exists active (
    one integer primary key check (one = 1), term bigint not null, holder varchar(200) not null)"""
_TAKE = """insert into active (one, term, holder) values (1, 1, %(who)s)
    on conflict (one) do update set term = active.term + 1, holder = excluded.holder returning term"""


class Seat(Protocol):
    """The right to be the active instance."""

    @property
    def waits_for(self) -> str:
        """Who is active while this one stands by; else empty."""
        ...

    async def take(self, who: str) -> None:
        """Return when this instance is the active one; while another is, one line says so."""
        ...

    async def keep(self) -> None:
        """Raise Refused when another has taken over; else this does not return."""
        ...

    async def leave(self) -> None:
        """Let another take over at once."""
        ...


class FileSeat:
    """Beside a SQLite file."""

    def __init__(self, database: Path, clock: Clock) -> None:
        self._path = database.with_name(f"{database.name}.active")
        self._clock = clock
        self._handle: int | None = None
        self.waits_for = ""

    async def take(self, who: str) -> None:
        """As the port says."""
        if self._handle is not None:
            return
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        told = False
        try:
            while not _locked(handle):
                holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip() or SOMEBODY
                told = _stand_by(who, holder, told)
                self.waits_for = holder
                await self._clock.sleep(LOOK_S)
        except BaseException:
            os.close(handle)
            raise
        self.waits_for = ""
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{who}, process {os.getpid()}\n".encode(), 0)
        self._handle = handle
        _active(who, told)

    async def keep(self) -> None:
        """The lock lasts as long as the process."""
        await asyncio.Event().wait()

    async def leave(self) -> None:
        """As the port says."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


class SchemaSeat:
    """Of a PostgreSQL schema."""

    def __init__(self, url: str, schema: str | None, fence: Fence, clock: Clock) -> None:
        """`fence`: of the store's engine, which it closes to all but this term."""
        self._url = url
        self._schema = schema
        self._fence = fence
        self._clock = clock
        self._who = ""
        self._left = False
        # one: who leaves while it is being tried hangs up after that, and not before
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seat")
        self._line: Connection | None = None
        """The session that holds the lock, and nothing else."""
        self.waits_for = ""

    async def take(self, who: str) -> None:
        """As the port says. DBAPIError when there is no database at the first look."""
        if self._line is not None:
            return
        self._who = who
        told = False
        while (holder := await self._tried(told)) is not None:
            told = _stand_by(who, holder, told)
            self.waits_for = holder
            await self._clock.sleep(LOOK_S)
        self.waits_for = ""
        self._fence.term = await self._on_thread(self._new_term)
        _active(who, told)

    async def keep(self) -> None:
        """As the port says. A session that was lost is opened again, if nobody has taken over."""
        unsure = False
        while True:
            await self._clock.sleep(LOOK_S)
            try:
                mine = await self._on_thread(self._still_mine)
            except DBAPIError as error:
                await self._on_thread(self._hang_up)
                if not unsure:
                    log.warning("activity_unsure", who=self._who, error=str(error.orig),
                                next="asks again; nothing is written once another took over")  # fmt: skip
                unsure = True
                continue
            if unsure and mine:
                log.info("activity_sure_again", who=self._who)
                unsure = False

    async def leave(self) -> None:
        """As the port says. It is not taken again."""
        if self._left:
            return
        self._left = True
        await self._on_thread(self._hang_up)
        self._thread.shutdown(wait=False)

    async def _tried(self, standing_by: bool) -> str | None:
        """Who holds it; None: this instance, from now on."""
        try:
            return await self._on_thread(self._try)
        except DBAPIError:
            await self._on_thread(self._hang_up)
            if not standing_by:
                raise
            return (
                SOMEBODY  # the database went while it stood by: the other one waits for it as well
            )

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _try(self) -> str | None:
        if self._line is None:
            engine = open_engine(self._url, schema=self._schema)
            try:
                with engine.begin() as connection:  # no migration: it decides who may migrate
                    connection.exec_driver_sql(_TABLE)
                self._line = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            except BaseException:
                engine.dispose()
                raise
        lock = lock_of(f"active {self._schema}")
        if self._line.exec_driver_sql(f"select pg_try_advisory_lock({lock})").scalar():
            return None
        return self._seen()[1]

    def _new_term(self) -> int:
        """Waits for the last transaction of whoever was active before: what comes after it is refused."""
        assert self._line is not None
        with self._line.engine.begin() as connection:
            return int(connection.exec_driver_sql(_TAKE, {"who": self._holder()}).scalar_one())

    def _still_mine(self) -> bool:
        """False: not known yet. Refused: another took over."""
        held = self._line is not None
        if not held:
            held = self._try() is None
        term, holder = self._seen()
        if term != self._fence.term:
            raise Refused(OVER.format(who=self._who, holder=holder))
        if not held:
            self._hang_up()  # perhaps the server has not noticed yet that the old session is gone
        return held

    def _seen(self) -> tuple[int, str]:
        assert self._line is not None
        row = self._line.exec_driver_sql("select term, holder from active").first()
        return (0, SOMEBODY) if row is None else (int(row.term), str(row.holder))

    def _holder(self) -> str:
        return f"{self._who}, process {os.getpid()} on {os.uname().nodename}"[:200]

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.invalidate()  # the lock is the session's: it must end, not go back to a pool
            line.close()
            line.engine.dispose()


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stand_by(who: str, holder: str, told: bool) -> bool:
    if not told:
        log.warning("standing_by", who=who, active=holder, next="takes over when that one ends")
    return True


def _active(who: str, stood_by: bool) -> None:
    if stood_by:
        log.warning("took_over", who=who)
