"""Every example passes the strict type checker, against the wheel and not against our sources."""

import os
import sys
from pathlib import Path

import pytest

from tests.examples.running import FOLDER
from tests.packages.wheel import run


@pytest.mark.timeout(300)
def test_examples_are_typed(site: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    command = ["env", f"MYPYPATH={site}", sys.executable, "-m", "mypy", "--strict", "--cache-dir"]
    files = sorted(str(path) for path in FOLDER.glob("*.py"))
    assert files
    said = run([*command, str(cache), "--config-file", os.devnull, *files], tmp_path)
    assert "Success" in said
