"""`make wheels`: the fleet's wheel holds what the services and what they share consist of, alone."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packages.wheel import contents, copied, installed, run

OF_BOTH = (
    "services", "shared", "packages/gatefleet-messages", "pyproject.toml", "README.md", "LICENSE",
    "Makefile",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone after `make wheels`; an earlier build of it had a module that is gone by now."""
    clone = tmp_path_factory.mktemp("clone")
    copied(clone, OF_BOTH)
    gone = clone / "build/lib/services/gone.py"
    gone.parent.mkdir(parents=True)
    gone.write_text('"""Of an earlier build."""\n')
    _environment(clone / ".venv")
    done = subprocess.run(
        ["make", "wheels"], cwd=clone, capture_output=True, text=True, timeout=100,
        env={**os.environ, "PIP_NO_BUILD_ISOLATION": "false", "PIP_NO_INDEX": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return clone


def test_both_wheels_are_there(folder: Path) -> None:
    assert [path.name.split("-")[0] for path in sorted((folder / "dist").iterdir())] == [
        "gatefleet", "gatefleet_messages",
    ]  # fmt: skip


def test_the_wheel_holds_every_file_and_none_that_is_gone(folder: Path) -> None:
    held = {name for name in contents(_made(folder)) if ".dist-info/" not in name}
    there = {
        str(path.relative_to(folder))
        for root in ("services", "shared")
        for path in (folder / root).rglob("*")
        if path.is_file()
    }
    assert held == there


def test_what_is_installed_runs_without_the_checkout(folder: Path, tmp_path: Path) -> None:
    site = installed(_made(folder), tmp_path / "site")
    tell = "import services, sys; from services.cli.__main__ import main; print(services.__path__)"
    code = f"import sys; sys.path.insert(0, {str(site)!r}); {tell}; main()"
    said = run([sys.executable, "-c", code, "topology", "--json"], tmp_path)
    assert said.startswith(f"['{site}/services']\n")
    assert '"exchange' in said


def _made(folder: Path) -> Path:
    [made] = (folder / "dist").glob("gatefleet-*.whl")
    return made


def _environment(venv: Path) -> None:
    """As if `make` had made it: the one that tests run in."""
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin/python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    for stamp in (".runtime", ".dev"):
        (venv / stamp).touch()
