"""Everything ends (I-50), in every kind of sandbox, and nothing outlives its end."""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from shared.clock import FakeClock, SystemClock
from shared.sandbox import Command
from shared.sandbox.port import MIB, TAIL_BYTES
from shared.sandbox.process import ProcessSandbox
from tests.sandbox.conftest import LONG, Build, attack


def living(mark: Path) -> bool:
    """Whether a daemon still listens at `mark`: a socket's file outlives its process."""
    with socket.socket(socket.AF_UNIX) as tried:
        try:
            tried.connect(os.path.relpath(mark))
        except ConnectionRefusedError:
            return False
        return True


async def test_output_exit_code_and_time_are_reported(build_any: Build, workspace: Path) -> None:
    seen: list[bytes] = []
    script = "echo out; echo err >&2; exit 3"
    command = Command(("sh", "-c", script), workspace, timeout=LONG, on_output=seen.append)

    finished = await build_any(SystemClock()).run(command)

    assert (finished.ended, finished.exit_code, finished.ok) == ("exited", 3, False)
    assert finished.output == b"".join(seen) == b"out\nerr\n"
    assert (finished.output_bytes, finished.seconds > 0) == (8, True)


async def test_stdin_is_closed(build_any: Build, workspace: Path) -> None:
    finished = await build_any(SystemClock()).run(Command(("cat",), workspace, timeout=LONG))

    assert (finished.ok, finished.output) == (True, b"")


async def test_a_command_that_does_not_exist_is_127_with_its_name(
    build_any: Build, workspace: Path
) -> None:
    finished = await build_any(SystemClock()).run(
        Command(("no-such-program",), workspace, timeout=LONG)
    )

    assert (finished.ended, finished.exit_code) == ("exited", 127)
    assert finished.reason.startswith("no-such-program: ")


async def test_i50_a_program_that_runs_for_ever_is_ended_by_the_clock(
    build_any: Build, workspace: Path
) -> None:
    clock = FakeClock()
    command = attack(
        workspace,
        "forever",
        timeout=timedelta(hours=2),
        on_output=lambda _: clock.advance(7200),
    )

    finished = await build_any(clock).run(command)

    assert (finished.ended, finished.exit_code, finished.seconds) == ("timed_out", None, 7200)


async def test_i50_a_silent_program_is_ended_before_its_time(
    build_any: Build, workspace: Path
) -> None:
    clock = FakeClock()
    command = attack(
        workspace,
        "forever",
        timeout=timedelta(hours=2),
        idle_timeout=timedelta(minutes=5),
        on_output=lambda _: clock.advance(301),
    )

    finished = await build_any(clock).run(command)

    assert (finished.ended, finished.output) == ("idle", b"ready\n")


async def test_i50_a_gibibyte_of_output_stops_at_the_limit(
    build_any: Build, workspace: Path
) -> None:
    finished = await build_any(SystemClock()).run(attack(workspace, "flood"))

    assert finished.ended == "output_limit"
    assert len(finished.output) == TAIL_BYTES
    assert 10 * MIB < finished.output_bytes <= 11 * MIB


@pytest.mark.parametrize("processes", [1, 4])
async def test_i50_memory_is_bounded_over_all_processes(
    build_any: Build, workspace: Path, processes: int
) -> None:
    question = {"mib": 1200 // processes, "processes": processes}

    finished = await build_any(SystemClock()).run(
        attack(workspace, "memory", question, memory_bytes=300 * MIB)
    )

    assert finished.ended == "out_of_memory", finished


async def test_i50_a_fork_bomb_is_gone_when_its_run_is(build_any: Build, workspace: Path) -> None:
    clock = FakeClock()
    command = attack(
        workspace,
        "bomb",
        timeout=timedelta(hours=1),
        processes=60,
        on_output=lambda _: clock.advance(3600),
    )

    finished = await build_any(clock).run(command)

    assert finished.ended in ("timed_out", "killed")
    assert not [line for line in _command_lines() if str(workspace) in line or "bomb" in line]


async def test_i50_a_file_past_the_limit_is_refused(build_any: Build, workspace: Path) -> None:
    question = {"path": "big", "mib": 40}

    finished = await build_any(SystemClock()).run(
        attack(workspace, "fill", question, disk_bytes=8 * MIB)
    )

    assert (finished.ended, json.loads(finished.output)) == ("exited", {"mib": 8})


async def test_i50_a_workspace_that_grows_too_far_ends_its_run(
    build_any: Build, workspace: Path
) -> None:
    finished = await build_any(SystemClock()).run(
        attack(workspace, "many", {"files": 60}, disk_bytes=16 * MIB)
    )

    assert (finished.ended, "workspace" in finished.reason) == ("killed", True)


async def test_i50_a_daemon_dies_with_its_run_and_is_no_error(
    build_any: Build, workspace: Path
) -> None:
    finished = await build_any(SystemClock()).run(attack(workspace, "daemon", {"mark": "mark"}))

    assert (finished.ok, living(workspace / "mark")) == (True, False)


async def test_i50_cancelling_kills_everything_and_waits_for_it(
    build_any: Build, workspace: Path
) -> None:
    ready = asyncio.Event()
    command = attack(
        workspace,
        "daemon",
        {"mark": "mark", "stay": True},
        on_output=lambda _: ready.set(),
    )
    run = asyncio.create_task(build_any(SystemClock()).run(command))
    await ready.wait()

    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert not living(workspace / "mark")


async def test_what_on_output_raises_ends_the_run(build_any: Build, workspace: Path) -> None:
    def refuse(_: bytes) -> None:
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        await build_any(SystemClock()).run(
            attack(workspace, "daemon", {"mark": "mark", "stay": True}, on_output=refuse)
        )

    assert not living(workspace / "mark")


async def test_i50_a_program_does_not_outlive_a_killed_fleet(workspace: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from shared.clock import SystemClock\n"
        "from shared.sandbox.process import ProcessSandbox\n"
        "from tests.sandbox.conftest import attack\n"
        "command = attack(Path(sys.argv[1]), 'daemon', {'mark': 'mark', 'stay': True},\n"
        "                 on_output=lambda _: print('ready', flush=True))\n"
        "asyncio.run(ProcessSandbox(SystemClock()).run(command))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(workspace)], stdout=subprocess.PIPE
    ) as fleet:
        assert fleet.stdout is not None
        fleet.stdout.readline()
        keepers = _children(fleet.pid)
        fleet.kill()

    for keeper in keepers:
        await asyncio.to_thread(_await_end, keeper)
    assert not living(workspace / "mark")


async def test_a_run_whose_keeper_is_killed_says_so(workspace: Path) -> None:
    def kill(_: bytes) -> None:
        for keeper in _children(os.getpid()):
            if "keeper.py" in _command_line(keeper):
                for child in _children(keeper):
                    os.kill(child, signal.SIGKILL)
                os.kill(keeper, signal.SIGKILL)

    command = attack(workspace, "forever", on_output=kill)

    finished = await ProcessSandbox(SystemClock()).run(command)

    assert finished.ended == "killed"
    assert finished.exit_code in (None, 137)


async def test_the_process_sandbox_passes_nothing_of_ours_on(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEFLEET_TOKEN", "canary")
    command = Command(("env",), workspace, timeout=LONG, env={"GIVEN": "1"})

    finished = await ProcessSandbox(SystemClock()).run(command)

    names = sorted(line.partition("=")[0] for line in finished.output.decode().splitlines())
    assert names == ["GIVEN", "HOME", "LANG", "PATH", "TMPDIR"]


def _children(pid: int) -> list[int]:
    stats = {path.parent.name: path for path in Path("/proc").glob("[0-9]*/stat")}
    found = []
    for name, path in stats.items():
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found.append(int(name))
    return found


def _command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def _command_lines() -> list[str]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return [line for line in lines if "attack.py" in line]


def _await_end(pid: int) -> None:
    """Block until the process is gone: a pidfd becomes readable at its end."""
    try:
        opened = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        select.select([opened], [], [])
    finally:
        os.close(opened)
