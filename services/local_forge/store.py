"""The forge's one database: short transactions on one thread, nested calls join the outer one.

No `await` may happen inside `transaction()` or `reading()`: the forge relies on it for atomicity,
since all of its code runs on the event loop's thread.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from services.local_forge.residents import KEPT, QUIET, Residents, load

WRONG_THREAD = "the forge's store belongs to the event loop's thread"
READING = "a reading cannot become a transaction; begin the transaction around it"


class Store:
    """Sessions over one engine; rows stay readable after their transaction has ended."""

    def __init__(self, engine: Engine) -> None:
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._engine = engine
        self._open: Session | None = None
        self._writes = False
        self._residents: Residents | None = None
        self._changed = False
        self._quiet: bool | None = None
        self.version = 0
        """Grows whenever a transaction may have changed what REST answers follow from."""
        self._thread = threading.get_ident()
        event.listen(self._sessions, "after_flush", self._flushed)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction; inside another one, that one. Commits at the outermost end."""
        self._check_thread()
        if self._open is not None:
            if not self._writes:
                raise RuntimeError(READING)
            yield self._open
            return
        residents = self._current()
        try:
            with self._sessions.begin() as session:
                # Copies, so that a rollback does not touch the originals; a session holds its rows
                # weakly, so somebody must keep them.
                copies = [session.merge(row, load=False) for row in residents.shared]
                self._open, self._writes = session, True
                try:
                    yield session
                finally:
                    self._open, self._writes = None, False
                    copies.clear()
        finally:
            self._ended()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to read with; inside a transaction or another reading, that one's."""
        self._check_thread()
        if self._open is not None:
            yield self._open
            return
        residents = self._current()
        with self._sessions(autoflush=False) as session:
            session.add_all(residents.shared)
            self._open = session
            try:
                yield session
            finally:
                self._open = None

    def residents(self) -> Residents | None:
        """The rows in memory; None inside a transaction that has changed some of them."""
        self._check_thread()
        if self._writes and self._open is not None:
            waiting = (*self._open.new, *self._open.dirty, *self._open.deleted)
            if self._changed or any(isinstance(row, KEPT) for row in waiting):
                return None
        return self._current()

    def close(self) -> None:
        """Give the database back."""
        self._engine.dispose()

    def _current(self) -> Residents:
        if self._residents is None:
            with self._sessions(autoflush=False) as session:
                self._residents = load(session)
        return self._residents

    def _ended(self) -> None:
        """A transaction is over; one that flushed nothing may have changed rows by statements."""
        if self._changed:
            self._residents = None
        if not self._quiet:
            self.version += 1
        self._changed, self._quiet = False, None

    def _check_thread(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError(WRONG_THREAD)

    def _flushed(self, session: Session, _context: object) -> None:
        touched = (*session.new, *session.dirty, *session.deleted)
        self._changed = self._changed or any(isinstance(row, KEPT) for row in touched)
        quiet = all(isinstance(row, QUIET) for row in touched)
        self._quiet = quiet if self._quiet is None else self._quiet and quiet
