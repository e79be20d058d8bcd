"""The stack with its stores in PostgreSQL: the loop runs to its end, also when that dies in it."""

import asyncio
from collections.abc import Iterator

import pytest

from services.stack.database import STORES
from shared.lifecycle import IssueState
from tests.compose.conftest import FIGURES, has_compose
from tests.compose.person import You
from tests.compose.source import SOURCE, make_source
from tests.compose.stack import Failed, Stack, engine, free_ports
from tests.services_at_hand import missing

pytestmark = [pytest.mark.stack, pytest.mark.night, pytest.mark.timeout(1500)]

IMAGE = "postgres:17"
DATABASES = "select datname from pg_database where not datistemplate order by 1"
ROWS = "select count(*) from {name}.{table}"
"""The schema has the service's name, too."""
FILLED = {"github_ingest": "said"}
"""What is filled by the start: elsewhere the inbox, and this one hears nothing then."""


@pytest.fixture(scope="module")
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """One of its own, beside the other."""
    if not has_compose():
        missing("docker compose")
    if not (_works("image", "inspect", IMAGE) or _works("pull", "-q", IMAGE)):
        missing(f"the image {IMAGE}")
    source = asyncio.run(make_source(tmp_path_factory.mktemp("source") / "stockroom"))
    made = Stack("gatefleet-test-postgres", free_ports("PAGES", "CONSOLE", "AMQP"))
    made.figures = request.config.stash[FIGURES]
    made.always = (SOURCE, "compose/postgres.yaml")
    made.variables = {"GATEFLEET_STACK_SOURCE": str(source)}
    made.down()
    try:
        made.compose("build", within_s=900)
        made.up()
        yield made
    finally:
        made.down()


@pytest.fixture(scope="module")
def you(stack: Stack) -> You:
    """The person."""
    return You.at(stack)


def test_the_loop_runs_to_its_end_though_the_database_dies_in_the_middle(
    stack: Stack, you: You
) -> None:
    first, second = you.proposals(2)
    you.approve(first.number)
    merged = you.merge(first.number)
    you.approve(second.number)
    you.until(second.number, lambda line: line.state is IssueState.WORKING, "worked on")
    stack.crash("postgres")
    again = you.merge(second.number)
    stack.healthy("postgres")

    assert {merged.state, again.state} == {IssueState.MERGED}
    assert you.pulls_of(first.number) == [merged.pull_request]
    assert you.pulls_of(second.number) == [again.pull_request]
    assert stack.dead() == 0


def test_each_service_keeps_its_state_there_and_reads_nobody_elses(stack: Stack, you: You) -> None:
    you.proposals(1)  # then each of them has heard something
    names = [service.replace("-", "_") for service in STORES]

    databases = _asked(stack, "postgres", "postgres", DATABASES)
    rows = {
        name: int(
            _asked(stack, "postgres", name, ROWS.format(name=name, table=FILLED.get(name, "inbox")))
        )
        for name in names
    }

    assert set(names) <= set(databases.split())
    assert all(rows.values()), rows
    for service in STORES:
        files = stack.exec(service, "ls", "/var/lib/gatefleet")
        assert ".db" not in files
        foreign = "gatekeeper" if service != "gatekeeper" else "scheduler"
        refused = stack.called("exec", "-T", service, "python", "-c", CONNECTS, foreign)
        assert "permission denied for database" in refused.stderr, refused.stderr


CONNECTS = """
import pathlib, sys, psycopg
url = pathlib.Path("/run/gatefleet/database").read_text().strip()
psycopg.connect(url.rpartition("/")[0] + "/" + sys.argv[1])
"""


def _asked(stack: Stack, user: str, database: str, question: str) -> str:
    return stack.exec("postgres", "psql", "-U", user, "-d", database, "-Atc", question).strip()


def _works(*arguments: str) -> bool:
    try:
        engine(*arguments, within_s=600)
    except Failed:
        return False
    return True
