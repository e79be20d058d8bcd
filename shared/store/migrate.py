"""Migrations that run at start, each set with a version table of its own."""

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, String, column, inspect, select, table

_LOCK = 4_711_301  # any fixed number: two instances that start at once migrate one after the other
_REVISION = re.compile(r'^(down_)?revision = "([^"\n]+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Migrations:
    """A folder with `versions/*.py` and the table that records which of them have run."""

    folder: Path
    version_table: str


BUS = Migrations(Path(__file__).parent / "migrations", "version_bus")


def migrate(engine: Engine, migrations: Migrations) -> None:
    """Bring the database to the newest version; BadInput when it is newer than this program."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_LOCK})")
        if _is_newest(connection, migrations):
            return  # the usual case
        from shared.store.upgrading import upgrade

        upgrade(connection, migrations.folder, version_table=migrations.version_table)


def is_newest(engine: Engine, migrations: Migrations) -> bool:
    """Whether there is nothing to do."""
    with engine.connect() as connection:
        return _is_newest(connection, migrations)


def _is_newest(connection: Connection, migrations: Migrations) -> bool:
    newest = _newest(migrations.folder)
    return newest is not None and _current(connection, migrations) == newest


def _newest(folder: Path) -> str | None:
    """The one revision that no other follows, as the files say; None: let alembic say what is wrong."""
    found = [
        match
        for path in (folder / "versions").glob("*.py")
        for match in _REVISION.findall(path.read_text(encoding="utf-8"))
    ]
    followed = {revision for down, revision in found if down}
    ends = {revision for down, revision in found if not down} - followed
    return ends.pop() if len(ends) == 1 else None


def _current(connection: Connection, migrations: Migrations) -> str | None:
    if not inspect(connection).has_table(migrations.version_table):
        return None
    version = column("version_num", String)
    rows = connection.execute(select(version).select_from(table(migrations.version_table, version)))
    found = [str(row[0]) for row in rows]
    return found[0] if len(found) == 1 else None
