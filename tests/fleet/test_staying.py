"""`gatefleet up`, as whoever starts it sees it."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from services.fleet.address import FILE, find
from tests.cli.commands import LOOPS
from tests.demo.test_stopping_it import of_session
from tests.fleet.world import World, hanging

pytestmark = LOOPS

FIRST = re.compile(
    r"local/yours as gatefleet\[bot\] · bus memory · engine command · "
    r"no money: the policy's budget is 0 · nothing waits for you · http://127\.0\.0\.1:\d+"
)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_says_where_what_and_how_much_and_ends_when_it_is_told(
    by: signal.Signals, tmp_path: Path
) -> None:
    world = World(tmp_path)
    with world.up("--repo", str(world.repo())) as up:
        assert FIRST.fullmatch(up.first), up.first
        running = find(world.state)
        assert running is not None
        assert (running.pid, running.repository) == (up.process.pid, "local/yours")
        assert running.pages in up.first
        assert running.person_token_file == world.state / "forge" / "tokens" / "you"

        up.process.send_signal(by)

        ran = up.ended()
    assert ran.code == 0, ran.err
    assert "log in once: http://127.0.0.1:" in ran.out
    assert ran.out.splitlines()[-1].startswith("stopping: ")
    assert "Traceback" not in ran.err
    assert ran.left == ()
    assert not (world.state / FILE).exists()


def test_a_second_fleet_on_the_same_folder_is_one_line_and_changes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.up("--repo", str(world.repo())) as up:
        for command in ("up", "tick"):
            ran = world.run(command, "--port", "0")
            assert (ran.code, ran.out) == (2, "")
            assert ran.err == (
                f"gatefleet: {world.state}: in use by gatefleet up, process {up.process.pid}; stop "
                f"that one first (kill {up.process.pid}), or name another folder\n"
            )
        assert find(world.state) is not None


def test_nobody_who_reads_any_more_is_no_reason_to_end(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.up("--repo", str(world.repo())) as up:
        assert up.process.stdout is not None
        assert up.process.stderr is not None
        up.process.stdout.close()
        up.process.stderr.close()

        up.process.send_signal(signal.SIGHUP)
        up.process.send_signal(signal.SIGHUP)

        assert up.process.wait(20) == 0
        up.process.stdout = up.process.stderr = None


def test_a_killed_one_is_started_again_on_the_same_folder(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.up("--repo", str(world.repo())) as up:
        os.kill(up.process.pid, signal.SIGKILL)
        up.process.wait()
        assert (world.state / FILE).exists()
    with world.up() as again:
        assert FIRST.fullmatch(again.first), again.first


@pytest.mark.parametrize(
    "moment", ["lock", "forge/git/local/yours.git", "fleet/databases/qa-agent.db"]
)
def test_ctrl_c_at_any_moment_of_the_start_leaves_what_starts_again(
    moment: str, tmp_path: Path
) -> None:
    world = World(tmp_path)
    repo = str(world.repo())
    process = world.start("up", "--port", "0", "--repo", repo)
    while not (world.state / moment).exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)

    process.send_signal(signal.SIGINT)

    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, (out, err)
    assert "Traceback" not in err, err
    with world.up("--repo", repo) as up:
        assert FIRST.fullmatch(up.first), up.first


def test_a_run_that_hangs_and_hears_no_signal_does_not_keep_it(tmp_path: Path) -> None:
    begun, go = tmp_path / "begun", tmp_path / "never"
    world = World(tmp_path)
    repo = world.repo(hanging(begun, go))
    proposing = {"GATEFLEET_SCHEDULER_PROPOSE_AT_START": "true"}
    with world.up("--repo", str(repo), "--sandbox", "process", **proposing) as up:
        while not begun.exists():
            assert up.process.poll() is None
            time.sleep(0.01)
        began = time.monotonic()

        up.process.send_signal(signal.SIGTERM)

        ran = up.ended()
    assert ran.code == 0, ran.err
    assert time.monotonic() - began < 10
    assert of_session(up.process.pid) == []
