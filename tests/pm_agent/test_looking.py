"""All finders on one tree."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from services.pm_agent.finders import registry
from services.pm_agent.found import Found
from services.pm_agent.issue import Issue
from services.pm_agent.looking import look
from services.pm_agent.tree import Tree
from shared.errors import Missing
from shared.messages import Repo
from shared.policy import Policy, parse
from tests.checkers.trees import sandbox, write

REPO = Repo(owner="octo", name="hello", id="7")
FILES = {"a.py": "import os\n", "b.py": "# TODO: more\n", "test_a.py": "def test_a(): assert 0\n"}


class Failing:
    """A finder that cannot look."""

    RUNS_CODE = False

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def find(self, tree: Tree) -> list[Found]:
        raise self._error

    def issues(
        self, found: Sequence[Found], everything: Mapping[str, Sequence[Found]]
    ) -> list[Issue]:
        raise AssertionError("nothing was found")


async def test_every_finder_of_the_policy_looks(tmp_path: Path) -> None:
    seen = await look(write(tmp_path, FILES), sandbox(), Policy(), REPO)
    assert {one.proposal.finder for one in seen.candidates} == {"lint", "readme", "tests", "todo"}
    assert seen.lines == ()


async def test_a_finder_that_is_switched_off_does_not_look(tmp_path: Path) -> None:
    policy = parse("proposals: {finders: [todo]}")
    finders = {**registry(), "tests": Failing(Missing("never asked"))}
    seen = await look(write(tmp_path, FILES), sandbox(), policy, REPO, finders=finders)
    assert [one.proposal.finder for one in seen.candidates] == ["todo"]
    assert seen.lines == ()


@pytest.mark.parametrize("error", [Missing("no tool"), OSError("no disk"), ValueError("no sense")])
async def test_a_finder_that_fails_stops_no_other(tmp_path: Path, error: Exception) -> None:
    finders = {**registry(), "lint": Failing(error)}
    seen = await look(write(tmp_path, FILES), sandbox(), Policy(), REPO, finders=finders)
    assert {one.proposal.finder for one in seen.candidates} == {"readme", "tests", "todo"}
    assert seen.lines == (f"octo/hello: lint: could not look: {error}",)


async def test_a_tree_of_odd_files_is_looked_at_to_the_end(tmp_path: Path) -> None:
    write(tmp_path, {"sp ace/ü.py": "import os\n", "broken.py": "def (", "empty": ""})
    (tmp_path / "new\nline.py").write_text("import os\n")
    (tmp_path / "blob.py").write_bytes(b"\0\xff" * 100)
    seen = await look(tmp_path, sandbox(), Policy(), REPO)
    assert {path for one in seen.candidates for path in one.proposal.paths} >= {"sp ace/ü.py"}
    assert any("1 files with names" in line for line in seen.lines)
    assert all("\n" not in line for line in seen.lines)


async def test_an_empty_tree_has_nothing_to_propose(tmp_path: Path) -> None:
    assert (await look(tmp_path, sandbox(), Policy(), REPO)).candidates == ()
