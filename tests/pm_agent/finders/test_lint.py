"""The linter as a finder."""

from pathlib import Path

from services.pm_agent.finders import lint
from tests.pm_agent.findings import tree


async def test_what_ruff_reports_is_found(tmp_path: Path) -> None:
    found = await lint.find(tree(tmp_path, {"a.py": "import os\n\n\ndef f():\n    x = 1\n"}))
    assert [(one.path, one.rule, one.fix) for one in found] == [
        ("a.py", "F401", "safe"),
        ("a.py", "F841", "unsafe"),
    ]
    assert found[0].shown == "a.py:1: F401 `os` imported but unused"


async def test_a_linter_that_cannot_run_is_a_line_not_a_finding(tmp_path: Path) -> None:
    seen = tree(tmp_path, {"ruff.toml": "nonsense = 1\n", "a.py": "import os\n"})
    assert await lint.find(seen) == []
    (line,) = seen.lines
    assert line.startswith("lint: ruff could not check: ")
