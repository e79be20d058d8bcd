"""Migrations that run at start, each set with a version table of its own."""

from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from shared.errors import BadInput

_LOCK = 4_711_301  # any fixed number: two instances that start at once migrate one after the other


@dataclass(frozen=True)
class Migrations:
    """A folder with `versions/*.py` and the table that records which of them have run."""

    folder: Path
    version_table: str


BUS = Migrations(Path(__file__).parent / "migrations", "version_bus")


def migrate(engine: Engine, migrations: Migrations) -> None:
    """Bring the database to the newest version; BadInput when it is newer than this program."""
    config = Config()
    config.set_main_option("script_location", str(migrations.folder).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_LOCK})")
        if _current(connection, migrations) == script.get_current_head():
            return  # the usual case: nothing of alembic's environment needs to be set up
        try:
            _upgrade(connection, config, script, migrations)
        except (CommandError, RevisionError) as error:
            raise BadInput(
                f"database {engine.url.render_as_string()}: it was written by another version "
                f"({error}); run that version, or restore a backup made before it"
            ) from None


def _current(connection: Connection, migrations: Migrations) -> str | None:
    options = {"version_table": migrations.version_table}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _upgrade(
    connection: Connection, config: Config, script: ScriptDirectory, migrations: Migrations
) -> None:
    def steps(revision: object, _context: object) -> object:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type]  # alembic's own way

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection, version_table=migrations.version_table)
        environment.run_migrations()
