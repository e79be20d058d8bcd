"""The command line: what is wrong with it is said in one line, and exit codes are as promised."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.commands import run
from services.demo.stopping import Stopped
from tests.cli.commands import ROOT, environment, gatefleet


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["demo", "--nope"], "gatefleet: No such option: --nope; `gatefleet demo --help` lists"),
        (["nope"], "gatefleet: No such command 'nope'; `gatefleet --help` lists what is valid."),
        (["demo", "--sandbox", "jail"], "'jail' is not one of 'auto', 'bubblewrap', 'process';"),
        (["demo", "--port", "70000"], "Invalid value for '--port': "),
        (["demo", "--limit", "soon"], "Invalid value for '--limit': "),
        (["demo", "--limit", "nan"], "Invalid value for '--limit': "),
        (["demo", "stray"], "`gatefleet demo --help` lists what is valid."),
        (["demo"], "no terminal to ask on: run `gatefleet demo --yes` to let it play the person"),
        (
            ["demo", "--yes", "--repo", "/no/such"],
            "/no/such: there is no such folder; name a local",
        ),
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert said in line
    assert line.startswith("gatefleet: ")
    assert shown.out == ""


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "demo" in capsys.readouterr().out


def test_help_names_every_option_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    for option in ("--repo", "--yes", "--json", "--keep", "--sandbox", "--port", "--limit"):
        assert option in words
    assert "2 bad arguments" in words


def test_the_module_tells_its_version(tmp_path: Path) -> None:
    ran = gatefleet("--version", temporary=tmp_path / "tmp")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("gatefleet ")


def test_shells_can_complete_it(tmp_path: Path) -> None:
    asked = {
        "_GATEFLEET_COMPLETE": "complete_bash",
        "COMP_WORDS": "gatefleet de",
        "COMP_CWORD": "1",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "services.cli"], cwd=ROOT, capture_output=True, text=True,
        env=environment(tmp_path / "tmp") | asked, check=True,
    )  # fmt: skip
    assert sorted(ran.stdout.split()) == ["dead", "decline", "demo"]


def test_each_signal_has_its_exit_code() -> None:
    codes = {by: Stopped(by).code for by in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    assert codes == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def test_ctrl_c_while_it_is_still_loading_is_one_line(tmp_path: Path) -> None:
    """`-X importtime` tells when imports have begun, so that the signal certainly meets them."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "services.cli", "demo", "--yes"], cwd=ROOT,
        env=environment(tmp_path / "tmp") | {"PYTHONWARNINGS": ""},  # a cut import leaves its file open
        text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if "typer" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    said = [line for line in err.splitlines() if not line.startswith("import time:")]
    assert (process.returncode, said, out) == (130, ["gatefleet: stopped"], "")
    assert os.listdir(tmp_path / "tmp") == []
