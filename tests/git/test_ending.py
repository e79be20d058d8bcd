"""A git that nobody waits for: it is told first, so that it takes its lock files along."""

import asyncio
import sys
from pathlib import Path

import pytest

from shared.git.ending import end_group

TIDIES = """
import pathlib, signal, sys, time
lock = pathlib.Path(sys.argv[1])
def leave(*_):
    lock.unlink()
    sys.exit(1)
signal.signal(signal.SIGTERM, leave)
lock.touch()
print("ready", flush=True)
time.sleep(600)
"""
DEAF = """
import pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
below = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1]).write_text(str(below.pid))
print("ready", flush=True)
time.sleep(600)
"""


async def begun(program: str, file: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(file), stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


def runs(pid: int) -> bool:
    """A zombie that nobody has waited for yet does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


async def test_what_listens_tidies_up(tmp_path: Path) -> None:
    process = await begun(TIDIES, tmp_path / "lock")
    await end_group(process)
    assert process.returncode == 1
    assert not (tmp_path / "lock").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_what_does_not_is_killed_with_all_it_began(tmp_path: Path) -> None:
    process = await begun(DEAF, tmp_path / "pid")
    await end_group(process)
    assert process.returncode == -9
    below = int((tmp_path / "pid").read_text())
    while runs(below):  # killed already; it ends when the kernel comes to it
        await asyncio.sleep(0)


async def test_what_has_ended_is_no_trouble(tmp_path: Path) -> None:
    process = await begun(TIDIES, tmp_path / "lock")
    process.kill()
    await process.wait()
    await end_group(process)
    assert process.returncode == -9
