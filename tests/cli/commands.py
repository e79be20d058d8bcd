"""The real command in a process of its own, with a temporary folder that must be empty afterwards."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DEADLINE_S = 280
LOOPS = pytest.mark.timeout(300)
"""For tests in which the loop runs: a machine that is shared takes several times as long."""


@dataclass(frozen=True)
class Ran:
    """How it ended."""

    code: int
    out: str
    err: str
    left: tuple[str, ...]
    """What it left in its temporary folder."""

    @property
    def last(self) -> str:
        """The last line for people."""
        return (self.err.strip() or self.out.strip()).splitlines()[-1]

    @property
    def said(self) -> list[str]:
        """All lines of stderr, and of stdout."""
        return [*self.err.splitlines(), *self.out.splitlines()]

    def json(self) -> dict[str, Any]:
        """The object on stdout."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


def environment(temporary: Path) -> dict[str, str]:
    """A narrow terminal's worth of environment, and a temporary folder of its own."""
    temporary.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ["PATH"], "HOME": str(temporary.parent), "TMPDIR": str(temporary),
        "COLUMNS": "80", "TERM": "xterm", "PYTHONWARNINGS": "error::ResourceWarning",
    }  # fmt: skip


def start(*args: str, temporary: Path, path: Path | None = None) -> "subprocess.Popen[str]":
    """Start it in a session of its own, without a terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli", *args], cwd=ROOT, text=True,
        env=environment(temporary) | ({"PATH": str(path)} if path else {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def end(process: "subprocess.Popen[str]", temporary: Path) -> Ran:
    """Wait for its end; one that hangs is killed and fails the test."""
    try:
        out, err = process.communicate(timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"it hung: {out}{err}") from None
    return Ran(process.returncode, out, err, tuple(sorted(os.listdir(temporary))))


def gatefleet(*args: str, temporary: Path, path: Path | None = None) -> Ran:
    """Run it to its end; `path`: the only folder with programs."""
    return end(start(*args, temporary=temporary, path=path), temporary)


def require_bubblewrap() -> None:
    """The loop on somebody's repository needs it."""
    if shutil.which("bwrap") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("bubblewrap is missing: apt-get install bubblewrap")
        pytest.skip("bubblewrap is missing")
