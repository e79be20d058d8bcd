"""I-50: what a killed agent leaves is gone after one reap period, and a live one's is never touched.
With real processes."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from shared.sandbox.owners import Owner, is_alive, owner_of, read_owner, this_process
from shared.workspaces import reap, sweep
from shared.workspaces.scratch import NOTE

PROGRAM = ("sh", "-c", "echo $$; exec sleep 120")
ROOT = Path(__file__).parents[2]


@contextmanager
def agent(scratch: Path) -> Iterator[tuple[subprocess.Popen[str], Owner]]:
    """A working agent, and the program that runs in its sandbox."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.workspaces.crashing", str(scratch), *PROGRAM],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            program = owner_of(int(process.stdout.readline()))
            assert program is not None
            yield process, program
        finally:
            process.kill()


def keeper_of(program: Owner) -> int:
    """The process that watches it: its parent."""
    stat = Path(f"/proc/{program.pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def ends(owner: Owner) -> bool:
    """Whether a process that was told to ends within half a minute; the kernel tells."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(owner.pid)
        try:
            return bool(select.select([handle], [], [], 30)[0])
        finally:
            os.close(handle)
    return not is_alive(owner)


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are told apart by /proc"
)


@needs_proc
async def test_i50_a_killed_agents_program_dies_with_it_and_its_folder_is_reaped(
    tmp_path: Path,
) -> None:
    with agent(tmp_path) as (process, program):
        assert len(list(tmp_path.iterdir())) == 2
        process.kill()
        assert ends(program)
        process.wait()
        await reap(tmp_path)
    assert list(tmp_path.iterdir()) == []


@needs_proc
async def test_i50_what_outlives_its_keeper_too_is_ended_by_the_reaper(tmp_path: Path) -> None:
    with agent(tmp_path) as (process, program):
        os.kill(keeper_of(program), signal.SIGSTOP)  # it cannot answer the end of its agent
        process.kill()
        process.wait()
        os.kill(keeper_of(program), signal.SIGKILL)
        assert is_alive(program)
        await reap(tmp_path)
        assert ends(program)
    assert list(tmp_path.iterdir()) == []


@needs_proc
@pytest.mark.parametrize("clean", [reap, sweep])
async def test_i50_a_live_neighbour_is_not_touched(
    tmp_path: Path, clean: Callable[[Path], Awaitable[None]]
) -> None:
    with agent(tmp_path) as (_, program):
        before = sorted(tmp_path.rglob("*"))
        await clean(tmp_path)
        assert sorted(tmp_path.rglob("*")) == before
        assert is_alive(program)


async def test_a_folder_whose_owner_had_another_start_is_an_orphan(tmp_path: Path) -> None:
    """Process ids are given out again."""
    (tmp_path / "run").mkdir()
    (tmp_path / f"run{NOTE}").write_text(str(Owner(os.getpid(), "another boot:1")))
    await reap(tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_what_has_no_note_is_left_until_a_start(tmp_path: Path) -> None:
    (tmp_path / "nobodys").mkdir()
    await reap(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["nobodys"]
    await sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "x 1", "-1 x", "0 y"])
def test_a_note_that_names_nobody_is_nobodys(text: str) -> None:
    assert read_owner(text) is None


def test_an_owner_is_read_as_it_is_written() -> None:
    assert read_owner(str(this_process())) == this_process()
    assert is_alive(this_process())
