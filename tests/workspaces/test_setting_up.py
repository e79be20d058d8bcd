"""The policy's set-up commands, one after the other."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from shared.policy import CommandLine, Policy, load
from shared.sandbox import Finished
from shared.workspaces.setting_up import set_up, shown
from tests.checkers.trees import Scripted, sandbox


def policy(*commands: object, timeout: str = "1m") -> Policy:
    """A policy with these commands."""
    return load({"setup": list(commands), "limits": {"setup_timeout": timeout}})


def ended(code: int = 0, *, seconds: float = 0.0, output: bytes = b"") -> Finished:
    """A command that came to its own end."""
    return Finished("exited", code, output, len(output), seconds)


async def test_without_commands_nothing_runs(tmp_path: Path) -> None:
    scripted = Scripted(ended())
    assert await set_up(scripted, tmp_path, Policy()) is None
    assert scripted.ran == []


async def test_commands_run_in_order_within_one_time(tmp_path: Path) -> None:
    scripted = Scripted(ended(seconds=20.0))
    assert await set_up(scripted, tmp_path, policy("make deps", "make build")) is None
    assert [(one.argv, one.timeout) for one in scripted.ran] == [
        (("make", "deps"), timedelta(seconds=60)),
        (("make", "build"), timedelta(seconds=40)),
    ]


async def test_an_exit_code_that_the_policy_takes_is_none_to_stop_at(tmp_path: Path) -> None:
    scripted = Scripted(ended(3))
    assert await set_up(scripted, tmp_path, policy({"run": "make", "ok": [0, 3]})) is None


@pytest.mark.parametrize(
    ("finished", "why"),
    [
        (ended(2, output=b"x\nno rule\n"), "`make` ended with exit code 2: no rule; mend `setup:`"),
        (ended(2), "`make` ended with exit code 2: no output; mend `setup:`"),
        (ended(127), "`make` does not exist in the sandbox; mend `setup:`"),
        (Finished("timed_out", None, b"", 0, 60.0), "`make` was stopped after 60 s; mend `setup:`"),
        (Finished("output_limit", None, b"", 0, 1.0), "`make` was stopped because it printed more"),
    ],
)
async def test_the_first_that_fails_ends_it_in_one_line(
    tmp_path: Path, finished: Finished, why: str
) -> None:
    scripted = Scripted(finished)
    said = await set_up(scripted, tmp_path, policy("make", "make more"))
    assert said is not None
    assert said.startswith(f"setup: {why}")
    assert "\n" not in said
    assert len(scripted.ran) == 1


async def test_a_command_that_has_no_time_left_is_not_started(tmp_path: Path) -> None:
    scripted = Scripted(ended(seconds=60.0))
    said = await set_up(scripted, tmp_path, policy("make", "make more"))
    assert said == (
        "setup: no time was left for `make more`; raise limits.setup_timeout in .gatefleet.yml"
    )


async def test_a_real_command_finds_our_tools_and_its_own_folder(tmp_path: Path) -> None:
    program = "import pytest, pathlib; pathlib.Path('made').touch()"
    assert await set_up(sandbox(), tmp_path, policy([sys.executable, "-c", program])) is None
    assert (tmp_path / "made").exists()


def test_a_long_command_is_shown_short_and_on_one_line() -> None:
    text = shown(CommandLine(run=("sh", "-c", "a\nb " * 100)))
    assert (len(text), "\n" in text, text[-1]) == (100, False, "…")


async def test_python_is_the_fleets_own(tmp_path: Path) -> None:
    program = "import sys, pathlib; pathlib.Path('which').write_text(sys.prefix)"
    assert await set_up(sandbox(), tmp_path, policy(["python", "-c", program])) is None
    assert (tmp_path / "which").read_text() == sys.prefix


async def test_an_exit_code_of_127_can_be_one_that_the_policy_takes(tmp_path: Path) -> None:
    scripted = Scripted(ended(127))
    assert await set_up(scripted, tmp_path, policy({"run": "make", "ok": [0, 127]})) is None
