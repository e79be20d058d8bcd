"""The type checker as a finder."""

from pathlib import Path

from services.pm_agent.finders import types
from services.pm_agent.grouping import NOTE_NOT
from tests.checkers.test_types import STRICT, WRONG, pytestmark
from tests.pm_agent.findings import grouped, tree

__all__ = ["pytestmark"]


async def test_type_errors_of_a_file_are_one_issue_that_no_fixer_mends(tmp_path: Path) -> None:
    found = await types.find(tree(tmp_path, {"mypy.ini": STRICT, "a.py": WRONG + "x: str = 1\n"}))
    (candidate,) = grouped(*found)
    proposal = candidate.proposal
    assert proposal.title == "Mend the type errors in `a.py`: assignment and return-value"
    assert proposal.criteria[0] == "`mypy` reports no assignment in `a.py`."
    assert (proposal.rules, proposal.note, candidate.doable) == ((), NOTE_NOT, False)


async def test_a_repository_without_a_type_checker_hears_nothing_of_it(tmp_path: Path) -> None:
    seen = tree(tmp_path, {"a.py": WRONG})
    assert (await types.find(seen), seen.lines) == ([], [])


async def test_imports_that_are_missing_here_are_a_line(tmp_path: Path) -> None:
    seen = tree(tmp_path, {"mypy.ini": STRICT, "a.py": "import nonesuch_module\n"})
    assert await types.find(seen) == []
    assert seen.lines == [types.UNRESOLVED.format(count=1)]
