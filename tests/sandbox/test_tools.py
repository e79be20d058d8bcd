"""The fleet's own tools, as they are called inside."""

import sys
from pathlib import Path

import pytest

from shared.errors import Missing
from shared.sandbox import python_tool, tool_environment


def test_a_tool_is_run_by_our_interpreter_and_not_from_the_workspace() -> None:
    assert python_tool("ruff") == (sys.executable, "-P", "-m", "ruff")
    assert python_tool("pytest") == (sys.executable, "-m", "pytest")
    assert python_tool("python") == (sys.executable,)


def test_a_tool_that_is_not_installed_is_named_with_its_mend() -> None:
    with pytest.raises(Missing, match="no_such_tool: not installed beside gatefleet; pip install"):
        python_tool("no_such_tool")


def test_the_folders_hold_the_interpreter_and_no_folder_twice() -> None:
    env, folders = tool_environment()

    for wanted in (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve()):
        assert any(folder == wanted or folder in wanted.parents for folder in folders)
    assert not any(one in other.parents for one in folders for other in folders)
    assert env["PATH"].startswith(sys.prefix)
