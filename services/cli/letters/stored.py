"""The dead letters of a fleet on the memory bus: each service's store keeps its own.

They are read as they are, also while the fleet runs. Replayed or dropped they are only while nothing
runs: in one transaction of that store the letter goes, and what it was goes into the outbox, from where
the next start sends it again, as its own sender. Everybody else who hears it drops it as a repeat.
"""

import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Engine, Row, create_engine, delete, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.bus.authority import WORDS
from shared.bus.letter import Letter
from shared.bus.pruning import KEEP_HEARD
from shared.clock import Clock
from shared.errors import Refused
from shared.messages import Envelope
from shared.store import open_engine, outbox
from shared.store.tables import DEAD

NOTHING_HERE = "{state}: nothing has run here yet; name the folder with --state, or a broker with --bus amqp://…"
UNREADABLE = "{store}: cannot be read ({why}); start `gatefleet up` to see"
TOO_OLD = (
    "{id}: it was said more than {days} days ago, and who has handled it since may not know it any more "
    "and would do it twice; drop it, and ask for what is missing"
)
_FIELDS = ("id", "topic", "body", "sender", "at", "correlation", "causation", "trace")


@dataclass(frozen=True)
class _Store:
    """One service's database, by URL; PostgreSQL with the schema that is its own."""

    url: str
    schema: str | None = None


class StoredLetters:
    """All stores of one state folder."""

    def __init__(
        self, state: Path, clock: Clock, environment: Mapping[str, str] | None = None
    ) -> None:
        """`environment`: for tests; it may name other databases. Refused when nothing has run here."""
        self._clock = clock
        self._stores = _stores(state, os.environ if environment is None else environment)
        if not self._stores:
            raise Refused(NOTHING_HERE.format(state=state))
        self._given: list[tuple[_Store, str, UUID]] = []

    async def letters(self) -> AsyncIterator[Letter]:
        """Every letter, by store, oldest first."""
        for store in self._stores:
            for row in _rows(store):
                self._given.append((store, row.queue, row.id))
                yield _letter(row, place=len(self._given) - 1)

    async def replay(self, letter: Letter) -> None:
        """Put it into the outbox of the service that gave it up, and forget the letter: both or none.

        Refused when it is too old for the others to know it again.
        """
        said = letter.said_at
        if said is not None and self._clock.now() - said > KEEP_HEARD - timedelta(days=1):
            raise Refused(TOO_OLD.format(id=letter.id, days=KEEP_HEARD.days - 1))
        with self._written(letter) as (session, row):
            outbox.put(session, [Envelope(**{name: getattr(row, name) for name in _FIELDS})])

    async def drop(self, letter: Letter) -> None:
        """Forget it."""
        with self._written(letter):
            pass

    @contextmanager
    def _written(self, letter: Letter) -> Iterator[tuple[Session, Row[tuple[object, ...]]]]:
        """One transaction of the letter's store, at whose end the letter is forgotten."""
        store, queue, identity = self._given[letter.place]
        here = (DEAD.c.queue == queue, DEAD.c.id == identity)
        engine = open_engine(store.url, schema=store.schema)
        try:
            with _plainly(store), Session(engine) as session, session.begin():
                yield session, session.execute(select(DEAD).where(*here)).one()
                session.execute(delete(DEAD).where(*here))
        finally:
            engine.dispose()


def _stores(state: Path, environment: Mapping[str, str]) -> Sequence[_Store]:
    found = []
    for name in WORDS:
        url = environment.get(f"GATEFLEET_{name.replace('-', '_').upper()}_DATABASE_URL", "")
        if url:
            own = name.replace("-", "_") if url.startswith("postgresql") else None
            found.append(_Store(url, own))
    for folder in (state / "fleet" / "databases", state / "databases"):
        found += [_Store(f"sqlite:///{path}") for path in sorted(folder.glob("*.db"))]
    return found


def _rows(store: _Store) -> list[Row[tuple[object, ...]]]:
    engine = _read_only(store)
    try:
        with _plainly(store), engine.connect() as connection:
            if DEAD.name not in inspect(connection).get_table_names():
                return []
            return list(connection.execute(select(DEAD).order_by(DEAD.c.died_at, DEAD.c.id)))
    finally:
        engine.dispose()


@contextmanager
def _plainly(store: _Store) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        name = store.url.rpartition("/")[2]
        raise Refused(UNREADABLE.format(store=name, why=error.orig)) from None


def _read_only(store: _Store) -> Engine:
    """Nothing is written, and nothing is brought up to date."""
    if not store.url.startswith("sqlite:///"):
        return open_engine(store.url, schema=store.schema)
    path = quote(str(Path(store.url.removeprefix("sqlite:///")).absolute()))
    return create_engine(
        f"sqlite:///file:{path}?mode=ro&uri=true",
        hide_parameters=True,
        connect_args={"timeout": 10},
    )


def _letter(row: Row[tuple[object, ...]], *, place: int) -> Letter:
    return Letter(
        place=place, id=str(row.id), queue=row.queue, topic=row.topic, sender=row.sender,
        said_at=row.at, correlation=row.correlation, causation=str(row.causation or ""),
        reason=row.reason, traceback=row.traceback, size=len(row.body), body=row.body,
        died_at=row.died_at,
    )  # fmt: skip
