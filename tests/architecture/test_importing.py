"""Importing any module does nothing: tried in a process that may only read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import import_all
from tests.architecture.sources import ROOT

SCRIPT = Path(import_all.__file__)


def import_everything(root: Path) -> subprocess.CompletedProcess[str]:
    """The script's answer; warnings are errors there too."""
    command = [sys.executable, "-B", "-W", "error", "-I", str(SCRIPT), str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def test_importing_everything_does_nothing() -> None:
    ran = import_everything(ROOT)
    assert re.fullmatch(r"[1-9]\d\d modules\n", ran.stdout), ran.stdout + ran.stderr
    assert ran.returncode == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("open('x', 'w')", "open"),
        ("import os; os.mkdir('x')", "os.mkdir"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "socket."),
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen"),
        ("import os; os.environ['X'] = '1'", "os.putenv"),
        ("import sqlite3; sqlite3.connect(':memory:')", "sqlite3.connect"),
        ("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)", "changed the process"),
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
         "changed the process"),
    ],
)  # fmt: skip
def test_a_module_that_does_something_is_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "services").mkdir()
    (tmp_path / "shared" / "planted.py").write_text(f"{line}\n")
    ran = import_everything(tmp_path)
    assert f"shared.planted: {said}" in ran.stdout, ran.stdout + ran.stderr
    assert ran.returncode == 1
