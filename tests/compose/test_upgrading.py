"""A volume of another version: a newer one's is refused, an older one's is kept and goes on, upgraded."""

import json

import pytest

from tests.compose.person import You
from tests.compose.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

SERVICE = "github-ingest"
DATABASE = "/var/lib/gatefleet/databases/github-ingest.db"
ON_IT = f"""
import json, sqlite3, sys
with sqlite3.connect({DATABASE!r}) as connection:
    for line in json.load(sys.stdin):
        print(json.dumps(connection.execute(line).fetchall()))
connection.close()
"""
NEWER = ("update version_github_ingest set version_num = '9999_newer'",)
OLDER = (
    "drop table returns",
    "update version_github_ingest set version_num = 'github_ingest0001'",
    "alter table outbox drop column beside",
    "alter table dead drop column beside",
    "update version_bus set version_num = 'bus0001'",
)
"""What the migrations after the first have done, undone: as the version before left its volume."""
KEPT = "select id, body_sha256 from deliveries order by id"
"""What no look at the forge brings back."""
ADDED = (
    "select count(*) from returns", "select count(beside) from outbox",
    "select version_num from version_github_ingest", "select version_num from version_bus",
)  # fmt: skip


def test_a_newer_versions_database_is_refused_and_an_older_ones_is_kept_and_upgraded(
    stack: Stack, you: You
) -> None:
    versions = _on_it(stack, *ADDED)[2:]
    stack.compose("stop", SERVICE)
    _at_rest(stack, *NEWER)
    refused = stack.called("run", "--rm", "--no-deps", "-T", SERVICE)
    (kept, *_) = _at_rest(stack, KEPT, *OLDER)
    stack.compose("start", SERVICE)
    stack.healthy(SERVICE)

    assert refused.returncode == 2
    said = [line for line in refused.stderr.splitlines() if DATABASE in line]
    assert len(said) == 1, refused.stderr
    assert "it was written by another version" in said[0]
    assert "Traceback" not in refused.stderr + refused.stdout
    assert len(kept) > 5
    (after, *added) = _on_it(stack, KEPT, *ADDED)
    assert [row for row in kept if row not in after] == []
    assert added[2:] == versions


def _at_rest(stack: Stack, *lines: str) -> list[list[list[object]]]:
    """Statements on the service's volume while it is stopped; the rows of each."""
    said = stack.compose(
        "run", "--rm", "--no-deps", "-T", "--entrypoint", "python", SERVICE, "-c", ON_IT,
        given=json.dumps(lines),
    )  # fmt: skip
    return [json.loads(line) for line in said.splitlines()]


def _on_it(stack: Stack, *lines: str) -> list[list[list[object]]]:
    """The same in the container that runs."""
    said = stack.exec(SERVICE, "python", "-c", ON_IT, given=json.dumps(lines))
    return [json.loads(line) for line in said.splitlines()]
