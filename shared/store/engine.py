"""SQLAlchemy engines for SQLite files and PostgreSQL schemas."""

import hashlib
import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from shared.errors import BadInput

_HASTY = "gatefleet_hasty"
_BEGIN = "begin immediate"
CHECKPOINT_PAGES = 4000
"""16 MB of SQLite's log before somebody's commit waits until it is folded in; a quarter of that would be
its own choice."""
_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,40}")


NOT_ACTIVE = "another instance has taken over this database: this one writes nothing any more"


@dataclass
class Fence:
    """Which transactions of an engine are let in (PostgreSQL): those of the term that is the newest.

    None: all. The term is that of `shared.store.seat`.
    """

    term: int | None = None


def lock_of(name: str) -> int:
    """The number of a PostgreSQL advisory lock, by name; of one database, as its locks are."""
    digest = hashlib.sha256(f"gatefleet {name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def open_engine(url: str, *, schema: str | None = None, fence: Fence | None = None) -> Engine:
    """An engine for `sqlite:///FILE`, `sqlite://` (memory) or `postgresql://…`.

    `schema`: PostgreSQL only, made when it is missing and put first in the search path.
    SQLite runs in WAL mode with synchronous=FULL and `begin immediate`: a transaction that will
    write never starts as a reader, so two processes wait for each other instead of failing.
    PostgreSQL does the same by a lock of the schema: handlers are written for one transaction at a
    time, whatever the database.
    Errors name the statement and not its parameters: those are what people and agents wrote.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite(url)
    if backend == "postgresql":
        return _postgresql(
            str(parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)),
            schema,
            fence or Fence(),
        )
    raise BadInput(f"database {backend}: use sqlite:///FILE or postgresql://…")


def set_lasting(connection: Connection, lasting: bool) -> None:
    """Of its transactions from now on. False: their end need not wait for the disk, so a power cut may
    undo them; whatever is committed after them and lasts makes them last."""
    connection.info[_HASTY] = not lasting


def _is_hasty(connection: Connection) -> bool:
    return bool(connection.info.get(_HASTY))


def _sqlite(url: str) -> Engine:
    memory = url.rstrip("/") == "sqlite:"
    extra: dict[str, Any] = {"poolclass": StaticPool} if memory else {"pool_size": 1}
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": 10}, hide_parameters=True, **extra
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin on its own: see below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"pragma {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        wanted = "NORMAL" if _is_hasty(connection) else "FULL"
        if connection.info.get("synchronous", "FULL") != wanted:
            connection.exec_driver_sql(f"pragma synchronous={wanted}")  # not possible inside of one
            connection.info["synchronous"] = wanted
        try:  # not by SQLAlchemy: it is the same each time, and there is nothing to prepare
            raw: Any = connection.connection.dbapi_connection
            raw.execute(_BEGIN)
        except sqlite3.Error as error:
            raise OperationalError(_BEGIN, None, error) from error

    return engine


def _postgresql(url: str, schema: str | None, fence: Fence) -> Engine:
    if schema is not None and not _SCHEMA.fullmatch(schema):
        raise BadInput(f"schema {schema!r}: use lower-case letters, digits and underscores")
    options = {"options": f"-csearch_path={schema},public"} if schema else {}
    engine = create_engine(
        url, pool_size=2, pool_pre_ping=True, connect_args=options, hide_parameters=True
    )
    turn = f"select pg_advisory_xact_lock({lock_of(f'schema {schema}')})"

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.autocommit = True  # the driver must not begin on its own: see below

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return
        hasty = "set local synchronous_commit = off; " if _is_hasty(connection) else ""
        connection.exec_driver_sql(f"begin; {hasty}{turn}")  # one way there and back
        if fence.term is None:
            return
        # a statement of its own: one that waited for its turn sees what was there before it waited
        newest = connection.exec_driver_sql("select term from active").scalar()
        if newest != fence.term:
            raise OperationalError("begin", None, RuntimeError(NOT_ACTIVE))

    if schema:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"create schema if not exists {schema}")
    return engine
