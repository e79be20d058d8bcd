"""mypy on small trees."""

import importlib.util
import os
from pathlib import Path

import pytest

from shared.checkers import NotRun, TypeFinding, Types, run_mypy
from tests.checkers.trees import sandbox, write

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mypy") is None and os.environ.get("CI") != "true",
    reason="mypy is not installed",
)

WRONG = "def f() -> int:\n    return 'x'\n"
STRICT = "[mypy]\nstrict = True\n"


async def test_a_finding_names_place_and_rule(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": STRICT, "a.py": WRONG, "b.py": "x = 1\n"})
    message = 'Incompatible return value type (got "str", expected "int")'
    result = await run_mypy(sandbox(), tmp_path)
    assert result == Types((TypeFinding("a.py", 2, "return-value", message),))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "b.py", "mypy.ini"]


async def test_without_a_configuration_nothing_is_checked(tmp_path: Path) -> None:
    result = await run_mypy(sandbox(), write(tmp_path, {"a.py": WRONG}))
    assert isinstance(result, NotRun)
    assert result.kind == "not_configured"


async def test_the_configuration_says_what_is_checked(tmp_path: Path) -> None:
    files = {"pyproject.toml": "[tool.mypy]\nfiles = ['b.py']\n", "a.py": WRONG, "b.py": "x = 1\n"}
    assert await run_mypy(sandbox(), write(tmp_path, files)) == Types(())


async def test_imports_that_are_missing_here_are_not_the_codes_fault(tmp_path: Path) -> None:
    files = {"mypy.ini": STRICT, "a.py": "import nonesuch_module\n"}
    result = await run_mypy(sandbox(), write(tmp_path, files))
    assert isinstance(result, Types)
    assert (result.findings, len(result.unresolved)) == ((), 1)


async def test_a_file_that_is_no_python_is_a_finding(tmp_path: Path) -> None:
    result = await run_mypy(sandbox(), write(tmp_path, {"mypy.ini": STRICT, "a.py": "def f(:\n"}))
    assert isinstance(result, Types)
    assert {one.rule for one in result.findings} == {"syntax"}


async def test_a_module_named_mypy_does_not_stand_in(tmp_path: Path) -> None:
    files = {"mypy.ini": STRICT + "files = a.py\n", "mypy.py": "raise SystemExit(0)", "a.py": WRONG}
    result = await run_mypy(sandbox(), write(tmp_path, files))
    assert isinstance(result, Types)
    assert len(result.findings) == 1
