"""The sandboxes under test, and a workspace with the hostile program in it."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.clock import Clock, SystemClock
from shared.sandbox import Command, Sandbox
from shared.sandbox.bubblewrap import Bubblewrap
from shared.sandbox.process import ProcessSandbox

LONG = timedelta(seconds=60)
Build = Callable[[Clock], Sandbox]


def need_bubblewrap() -> None:
    """At home a missing tool skips by name; where the check is the point it fails (I-49)."""
    if shutil.which("bwrap") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("bubblewrap is not installed, so isolation cannot be checked")
        pytest.skip("bubblewrap is not installed")


@pytest.fixture(params=["root", "user"])
def build(request: pytest.FixtureRequest) -> Build:
    """How to make bubblewrap: dropping from root, and as any user does it."""
    need_bubblewrap()
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("the form that drops from root needs root")
    return lambda clock: Bubblewrap(clock, as_root=request.param == "root")


@pytest.fixture
def bubblewrap(build: Build) -> Sandbox:
    """Bubblewrap on the machine's clock."""
    return build(SystemClock())


@pytest.fixture(params=["root", "user", "process"])
def build_any(request: pytest.FixtureRequest) -> Build:
    """Every kind: what must end, must end in each."""
    if request.param == "process":
        return ProcessSandbox
    need_bubblewrap()
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("the form that drops from root needs root")
    return lambda clock: Bubblewrap(clock, as_root=request.param == "root")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace that holds the hostile program."""
    folder = tmp_path / "work space"
    folder.mkdir()
    shutil.copy(Path(__file__).with_name("attack.py"), folder)
    return folder


def attack(
    workspace: Path, name: str, question: dict[str, Any] | None = None, **limits: Any
) -> Command:
    """The command that runs one attack."""
    limits.setdefault("timeout", LONG)
    argv = (sys.executable, "-I", "-S", "attack.py", name, json.dumps(question or {}))
    return Command(argv=argv, workspace=workspace, **limits)
