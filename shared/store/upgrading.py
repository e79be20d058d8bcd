"""Runs the migrations that a database lacks. Apart, because its library takes long to import, and a start
on a database that is at its newest version does without it."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection

from shared.errors import BadInput

NEWER = (
    "database {url}: it was written by another version ({error}); run that version, or restore a backup "
    "made before it"
)


def upgrade(connection: Connection, folder: Path, *, version_table: str) -> None:
    """Bring the database to the newest version; BadInput when it is newer than this program."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)

    def steps(revision: object, _context: object) -> object:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type]  # alembic's own way

    try:
        with EnvironmentContext(config, script, fn=steps) as environment:
            environment.configure(connection=connection, version_table=version_table)
            environment.run_migrations()
    except (CommandError, RevisionError) as error:
        url = connection.engine.url.render_as_string()
        raise BadInput(NEWER.format(url=url, error=error)) from None
