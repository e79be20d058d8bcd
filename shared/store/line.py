"""The one connection of a store, kept from one transaction to the next."""

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from shared.clock import Clock
from shared.store.engine import set_lasting

IDLE_S = 1.0
"""After so long without a transaction the other end may have gone: then the pool asks it first."""


class Line:
    """Used by the store's thread alone. To take it from the pool and to give it back for each transaction
    takes as long as what most of them do."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._held: tuple[Connection, Session] | None = None
        self._used_at = 0.0

    def session(self, *, lasting: bool) -> Session:
        """For one transaction, closed after it; `lasting` as in `Store.run`."""
        now = self._clock.monotonic()
        if now - self._used_at > IDLE_S:
            self.release()
        if self._held is None:
            connection = self._engine.connect()
            self._held = connection, Session(connection, expire_on_commit=False)
        connection, session = self._held
        set_lasting(connection, lasting)
        self._used_at = now
        return session

    def release(self) -> None:
        """Give it back; the next transaction has one that was asked whether it is there."""
        if self._held is not None:
            connection, _ = self._held
            self._held = None
            connection.close()
