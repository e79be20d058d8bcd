"""A state folder that cannot be used: each way ends with one line, and with nothing lost."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from services.fleet.room import FULL_BYTES, trouble
from tests.cli.commands import LOOPS, ROOT, Ran, end, environment, require_bubblewrap
from tests.demo.repositories import checksum
from tests.fleet.world import World, hanging

pytestmark = LOOPS

MIB = 1024 * 1024


def inside(world: World, view: Sequence[str], *args: str) -> Ran:
    """The command where the file system is as `bwrap` makes it look."""
    process = subprocess.Popen(
        ["bwrap", "--dev-bind", "/", "/", *view, "--", sys.executable, "-m", "services.cli", *args,
         "--state", str(world.state)],
        cwd=ROOT, text=True, env=environment(world.temporary), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    return end(process, world.temporary)


@pytest.mark.parametrize("command", ["up", "tick"])
def test_a_folder_of_a_newer_version_is_one_line_and_stays_as_it_is(
    command: str, tmp_path: Path
) -> None:
    world = World(tmp_path)
    assert world.run("tick", "--repo", str(world.repo())).code == 0
    database = world.state / "fleet" / "databases" / "scheduler.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("update version_scheduler set version_num = '9999_newer'")
    before = checksum(world.state / "fleet" / "databases")

    ran = world.run(command, "--port", "0")

    assert ran.code == 2, ran.out + ran.err
    assert ran.last.startswith(
        f"gatefleet: database sqlite:///{database}: it was written by another"
    )
    assert ran.last.endswith("run that version, or restore a backup made before it")
    assert "Traceback" not in ran.err
    assert checksum(world.state / "fleet" / "databases") == before


def test_a_folder_that_is_read_only_is_one_line(tmp_path: Path) -> None:
    require_bubblewrap()
    world = World(tmp_path)
    assert world.run("tick", "--repo", str(world.repo())).code == 0

    ran = inside(world, ["--ro-bind", str(world.state), str(world.state)], "tick")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"gatefleet: {world.state}: cannot be used as the state folder (Read-only file system); mend "
        "that, or name another one\n"
    )
    assert world.run("tick").code == 0


@pytest.mark.parametrize("command", ["up", "tick"])
def test_a_disk_with_too_little_room_is_one_line(command: str, tmp_path: Path) -> None:
    require_bubblewrap()
    world = World(tmp_path)
    world.state.mkdir()
    view = ["--size", str(MIB), "--tmpfs", str(world.state)]

    ran = inside(world, view, command, "--repo", str(world.repo()))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"gatefleet: {world.state}: only ")
    assert ran.err.endswith(
        "are free on its disk; make room there (16 MiB at least), or name another folder\n"
    )


FILLED = """\
"$0" -m services.cli tick --propose --sandbox process --repo "$1" --state "$2" > "$3/first" 2>&1 &
while [ ! -e "$3/begun" ]; do sleep 0.05; done
dd if=/dev/zero of="$2/filler" bs=4k 2> /dev/null
touch "$3/go"
wait $!; echo "ended with $?" >> "$3/first"
rm "$2/filler"
"$0" -m services.cli tick --sandbox process --state "$2"
"""


def test_a_disk_that_fills_up_ends_a_pass_and_the_next_one_goes_on(tmp_path: Path) -> None:
    require_bubblewrap()
    world = World(tmp_path)
    repo = world.repo(hanging(tmp_path / "begun", tmp_path / "go"))
    world.state.mkdir()
    view = ["--size", str(64 * MIB), "--tmpfs", str(world.state)]

    ran = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", *view, "--", "sh", "-c", FILLED, sys.executable,
         str(repo), str(world.state), str(tmp_path)],
        cwd=ROOT, text=True, env=environment(world.temporary), capture_output=True, check=False,
    )  # fmt: skip

    *_, last, ended = (tmp_path / "first").read_text().splitlines()
    assert ended == "ended with 1", last
    assert last.startswith(f"the disk of {world.state} is full (")
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout + ran.stderr
    assert ran.stdout.startswith("proposed #1: ")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (64 * MIB, None),
        (FULL_BYTES, None),
        (
            FULL_BYTES - 1,
            "the disk of /s is full (1023 KiB free); make room there: what was committed is kept",
        ),
    ],
)
def test_a_full_disk_is_told_in_one_line(left: int, said: str | None) -> None:
    assert trouble(Path("/s"), left=left) == said
