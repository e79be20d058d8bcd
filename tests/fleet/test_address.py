"""The address is found only while something holds the state folder; one process a folder."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.fleet.address import FILE, Running, find, forget, leave
from shared.errors import BadInput
from shared.runtime.holding import LOCK, hold, is_held
from tests.cli.commands import ROOT

RUNNING = Running(
    version="1", pid=7, repository="octo/hello", forge_url="http://f", pages="http://p",
    console_url="http://c", console_token_file=Path("/t"), person_token_file=None,
    since=datetime(2030, 1, 1, tzinfo=UTC),
)  # fmt: skip
HOLDER = (
    "import pathlib, sys; from shared.runtime.holding import hold\n"
    "with hold(pathlib.Path(sys.argv[1]), 'up'): print('held', flush=True); sys.stdin.read()"
)


@contextmanager
def another(state: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the folder until its stdin is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with process:
        yield process


def test_what_runs_is_found_until_it_is_forgotten(tmp_path: Path) -> None:
    with hold(tmp_path, "up"):
        assert find(tmp_path) is None  # still starting
        leave(tmp_path, RUNNING)
        assert find(tmp_path) == RUNNING
        forget(tmp_path)
        assert find(tmp_path) is None


def test_the_address_is_for_this_user_only_and_whole(tmp_path: Path) -> None:
    path = leave(tmp_path, RUNNING)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [FILE]


def test_what_a_killed_process_left_is_not_found(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        leave(tmp_path, RUNNING)
        assert find(tmp_path) == RUNNING
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert find(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", '{"pid": "x"}'])
def test_an_address_that_cannot_be_read_is_none(text: str, tmp_path: Path) -> None:
    with hold(tmp_path, "up"):
        (tmp_path / FILE).write_text(text)
        assert find(tmp_path) is None


def test_an_address_of_a_newer_version_is_still_found(tmp_path: Path) -> None:
    with hold(tmp_path, "up"):
        (tmp_path / FILE).write_text(RUNNING.model_dump_json()[:-1] + ', "more": 1}')
        assert find(tmp_path) == RUNNING


def test_a_second_holder_is_told_which_process_has_it_and_what_to_do(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        with pytest.raises(BadInput) as caught, hold(tmp_path, "tick"):
            raise AssertionError("held twice")
        assert str(caught.value) == (
            f"{tmp_path}: in use by gatefleet up, process {process.pid}; stop that one first "
            f"(kill {process.pid}), or name another folder"
        )


def test_a_folder_is_free_again_however_its_holder_ended(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        process.kill()
        process.wait()
        with hold(tmp_path, "up"):
            assert (tmp_path / LOCK).read_text() == f"{os.getpid()} up\n"


def test_looking_whether_it_is_held_does_not_take_it(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    with hold(tmp_path, "up"):
        assert is_held(tmp_path)
        assert is_held(tmp_path)
    assert not is_held(tmp_path)
    with hold(tmp_path, "up"):
        pass


def test_services_of_one_folder_each_hold_their_own(tmp_path: Path) -> None:
    with (
        hold(tmp_path, "run scheduler", lock="scheduler.1.lock"),
        hold(tmp_path, "run console", lock="console.1.lock"),
        pytest.raises(BadInput, match="in use by gatefleet run console"),
        hold(tmp_path, "run console", lock="console.1.lock"),
    ):
        raise AssertionError("held twice")


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(BadInput, match=r"file/x: cannot be used as the state folder \(.*\); mend"),
        hold(tmp_path / "file" / "x", "up"),
    ):
        raise AssertionError("held")
