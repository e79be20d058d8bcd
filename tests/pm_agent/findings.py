"""Findings and trees for the tests of pm-agent."""

from pathlib import Path

from services.pm_agent.finders import registry
from services.pm_agent.found import Fix, Found
from services.pm_agent.grouping import Candidate, group
from services.pm_agent.tree import Tree, survey
from shared.policy import Engine, Policy
from tests.checkers.trees import sandbox, write


def tree(folder: Path, files: dict[str, str], policy: Policy | None = None) -> Tree:
    """A surveyed tree of these files."""
    return survey(write(folder, files), sandbox(), policy or Policy())


def lint(path: str, rule: str, *, line: int = 1, fix: Fix = "safe", text: str = "said") -> Found:
    """A finding of the linter."""
    return Found("lint", rule, path, text, f"{path}:{line}: {rule} {text}", line, fix)


def red(test: str, *paths: str, text: str = "assert 1 == 2") -> Found:
    """A failing test."""
    return Found("tests", test, test.split("::")[0], text, f"{test}\n{text}", paths=paths)


def grouped(*found: Found, engine: Engine | None = None) -> tuple[Candidate, ...]:
    """The candidates that these findings make."""
    by_finder: dict[str, list[Found]] = {}
    for one in found:
        by_finder.setdefault(one.finder, []).append(one)
    return group(by_finder, registry(), repo_id="7", engine=engine or Engine())
