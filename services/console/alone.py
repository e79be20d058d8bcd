"""Reads the console's store while nothing runs: nothing is written, and nothing is brought up to date.

with opened_alone(url) as session:
    Asked(session).status()
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from services.console.keeping import is_current, rebuild
from services.console.settings import Settings
from services.console.tables import MIGRATIONS, Event, Projected, View
from shared.errors import Refused
from shared.messages.custom import CustomEvent
from shared.store import migrate, open_engine

NOT_HERE = "{path}: nothing has run here yet; start it with `gatefleet up`, or name another --state"
UNREADABLE = "{path}: the console's store cannot be read ({why}); start `gatefleet up` to see"
_BEFORE = ("seq", "id", "at", "topic", "sender", "correlation", "body")
"""The log's columns in every version of its table."""


def store_at(settings: Settings) -> str:
    """Where the console keeps its log; no folder is made. Refused when nothing is there."""
    if settings.database_url:
        return settings.database_url
    path = settings.state / "databases" / "console.db"
    if not path.exists():
        raise Refused(NOT_HERE.format(path=settings.state))
    return f"sqlite:///{path}"


@contextmanager
def opened_alone(url: str) -> Iterator[Session]:
    """A session that reads what was kept. What another version kept is folded anew, in memory."""
    engine = _read_only(url)
    try:
        with Session(engine) as session:
            if {Event.__tablename__, View.__tablename__, Projected.__tablename__} <= set(
                inspect(session.connection()).get_table_names()
            ) and is_current(session):
                yield session
                return
            copied = _in_memory(session)
        try:
            with Session(copied) as session:
                rebuild(session)
                yield session
        finally:
            copied.dispose()
    except DBAPIError as error:
        shown = make_url(url).render_as_string()
        raise Refused(UNREADABLE.format(path=shown, why=error.orig)) from None
    finally:
        engine.dispose()


def _read_only(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return open_engine(url, schema="console")
    path = quote(str(Path(parsed.database or "").absolute()))
    engine = _sqlite(f"sqlite:///file:{path}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            connection.execute(text("select 1 from sqlite_master"))
    except (
        DBAPIError
    ):  # a folder in which nothing can be written: nobody else can be writing either
        engine.dispose()
        return _sqlite(f"sqlite:///file:{path}?immutable=1&uri=true")
    return engine


def _sqlite(url: str) -> Engine:
    return create_engine(url, hide_parameters=True, connect_args={"timeout": 10})


def _in_memory(session: Session) -> Engine:
    """The log alone, as this version keeps it."""
    columns = ", ".join(_BEFORE)
    rows = session.execute(text(f"select {columns} from events order by seq")).mappings().all()  # noqa: S608 - names of our own
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    migrate(engine, MIGRATIONS)
    with engine.begin() as connection:
        for row in rows:
            body = row["body"]
            topic = row["topic"]
            if topic == CustomEvent.topic:
                topic = f"custom.{CustomEvent.model_validate_json(body).name}.v1"
            connection.execute(
                text(
                    "insert into events (seq, id, at, topic, sender, correlation, body, repository)"
                    " values (:seq, :id, :at, :topic, :sender, :correlation, :body, '')"
                ),
                dict(row) | {"topic": topic},
            )
    return engine
