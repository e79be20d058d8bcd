"""Migrations make exactly the tables that the code uses, and refuse what they do not know."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, func, inspect, select, text
from sqlalchemy.exc import DatabaseError

from services.console.tables import MIGRATIONS as CONSOLE
from services.console.tables import Base as ConsoleBase
from services.gatekeeper.tables import MIGRATIONS as GATEKEEPER
from services.gatekeeper.tables import Base as GatekeeperBase
from services.github_ingest.tables import METADATA as INGEST_TABLES
from services.github_ingest.tables import MIGRATIONS as INGEST
from services.local_forge.app import MIGRATIONS as LOCAL_FORGE
from services.local_forge.tables import Base as LocalForgeBase
from services.scheduler.tables import MIGRATIONS as SCHEDULER
from services.scheduler.tables import Base as SchedulerBase
from shared.errors import BadInput
from shared.jobs import MIGRATIONS as JOBS
from shared.jobs.rows import JOBS as JOB_TABLE
from shared.runs import MIGRATIONS as RUNS
from shared.runs.tables import METADATA as RUN_TABLES
from shared.store import Migrations, Store, migrate
from shared.store.apart import upgrade_apart
from shared.store.migrate import BUS, is_newest
from shared.store.tables import METADATA as BUS_TABLES
from tests.architecture.sources import ROOT
from tests.databases import Database

SETS: Mapping[str, tuple[Migrations, MetaData]] = {
    "bus": (BUS, BUS_TABLES),
    "jobs": (JOBS, JOB_TABLE.metadata),
    "runs": (RUNS, RUN_TABLES),
    "scheduler": (SCHEDULER, SchedulerBase.metadata),
    "gatekeeper": (GATEKEEPER, GatekeeperBase.metadata),
    "github-ingest": (INGEST, INGEST_TABLES),
    "console": (CONSOLE, ConsoleBase.metadata),
    "local-forge": (LOCAL_FORGE, LocalForgeBase.metadata),
}

EVERY = pytest.mark.parametrize("name", sorted(SETS))


def differences(connection: Connection, metadata: MetaData) -> list[object]:
    """What alembic would still have to change; the tables that count versions are not ours."""

    def ours(_thing: object, name: str | None, kind: str, *_rest: object) -> bool:
        return kind != "table" or not (name or "").startswith("version_")

    options = {"compare_type": True, "include_object": ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_no_folder_of_migrations_is_forgotten() -> None:
    tops = (ROOT / "shared", ROOT / "services")
    folders = {path.parent.parent for top in tops for path in top.rglob("versions/*.py")}
    assert {each.folder for each, _ in SETS.values()} == folders


def test_every_set_counts_its_versions_in_a_table_of_its_own() -> None:
    assert len({each.version_table for each, _ in SETS.values()}) == len(SETS)


@EVERY
def test_migrations_make_the_tables_that_the_code_uses(name: str, database: Database) -> None:
    migrations, metadata = SETS[name]
    engine = database.engine()
    migrate(engine, migrations)
    with engine.connect() as connection:
        assert differences(connection, metadata) == []
    engine.dispose()


@EVERY
def test_a_second_start_changes_nothing(name: str, database: Database) -> None:
    migrations, metadata = SETS[name]
    engine = database.engine()
    migrate(engine, migrations)
    migrate(engine, migrations)
    with engine.connect() as connection:
        assert differences(connection, metadata) == []
    engine.dispose()


def test_a_difference_would_be_seen(database: Database) -> None:
    engine = database.engine()
    migrate(engine, JOBS)
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table jobs add column surprise integer")
    with engine.connect() as connection:
        assert len(differences(connection, JOB_TABLE.metadata)) == 1
    engine.dispose()


def test_sets_live_beside_each_other(database: Database) -> None:
    engine = database.engine()
    for each in (BUS, JOBS, RUNS, SCHEDULER):
        migrate(engine, each)
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
    assert names >= {"inbox", "outbox", "dead", "jobs", "agent_runs", "runs", "version_scheduler"}
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_in_one_line(database: Database) -> None:
    engine = database.engine()
    migrate(engine, BUS)
    with engine.begin() as connection:
        connection.execute(text("update version_bus set version_num = 'bus9999'"))
    with pytest.raises(BadInput) as refused:
        migrate(engine, BUS)
    assert "\n" not in str(refused.value)
    assert "written by another version" in str(refused.value)
    assert "bus9999" in str(refused.value)
    engine.dispose()


async def test_a_store_that_stays_upgrades_in_a_process_of_its_own(database: Database) -> None:
    """That process made the tables: this one finds them there, without the library."""
    upgrade_apart(database.url, database.schema, (BUS, JOBS))
    engine = database.engine()
    assert is_newest(engine, BUS)
    assert is_newest(engine, JOBS)
    engine.dispose()
    store = database.store()
    store.upgrades_apart = True
    await store.open((JOBS, RUNS))
    assert (
        await store.run(lambda session: session.scalar(select(func.count(JOB_TABLE.c.name)))) == 0
    )
    await store.close()


async def test_what_cannot_be_upgraded_apart_is_told_by_who_asked(tmp_path: Path) -> None:
    (tmp_path / "not-a-database").write_text("x" * 4096)
    store = Store(f"sqlite:///{tmp_path / 'not-a-database'}")
    store.upgrades_apart = True
    with pytest.raises(DatabaseError, match="not a database"):
        await store.open((JOBS,))
    await store.close()
