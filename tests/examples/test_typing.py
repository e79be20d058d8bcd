"""What needs no source of ours is typed against the wheel; `make check` has the other examples."""

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
    files = [str(FOLDER / f"{name}.py") for name in ("faststream_pm_agent", "plain_aio_pika")]
    said = run([*command, str(cache), "--config-file", os.devnull, *files], tmp_path)
    assert "Success" in said
