"""Bubblewrap under attack from inside: rules I-44, I-45, I-49, I-50 and controls C2."""

import json
import os
import secrets
import socket
import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.errors import BadInput, Missing
from shared.sandbox import Command, Sandbox, python_tool, self_test, tool_environment
from shared.sandbox.bubblewrap import Bubblewrap
from tests.sandbox.conftest import LONG, attack, need_bubblewrap


async def test_i44_i45_c2_nothing_of_the_host_is_within_reach(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_bubblewrap()
    bubblewrap = Bubblewrap(SystemClock())  # the form that this user gets
    canary = f"canary-{secrets.token_hex(16)}"
    secret = tmp_path / "secret"
    secret.write_text(canary)
    secret.chmod(0o644)
    monkeypatch.setenv("GATEFLEET_TOKEN", canary)
    abstract = f"gatefleet-{secrets.token_hex(8)}"
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        unnamed = stack.enter_context(socket.socket(socket.AF_UNIX))
        unnamed.bind("\0" + abstract)
        unnamed.listen()
        named = stack.enter_context(socket.socket(socket.AF_UNIX))
        named.bind(os.path.relpath(tmp_path / "s"))
        named.listen()
        keeper_of_secrets = stack.enter_context(
            subprocess.Popen(["cat"], stdin=subprocess.PIPE, env={"CANARY": canary})
        )
        question = {
            "port": tcp.getsockname()[1],
            "abstract": abstract,
            "socket": str(tmp_path / "s"),
            "file": str(secret),
            "canary": canary,
        }
        (workspace / "question.json").write_text(json.dumps(question))
        script = "import json,attack;attack.escape(json.load(open('question.json')))"
        finished = await bubblewrap.run(
            Command((sys.executable, "-c", script), workspace, timeout=LONG)
        )
        keeper_of_secrets.communicate()

    assert (finished.ended, finished.exit_code) == ("exited", 0), finished.output.decode()
    assert json.loads(finished.output) == {}


async def test_c2_the_self_test_finds_everything_closed(bubblewrap: Sandbox) -> None:
    findings = await self_test(bubblewrap)

    assert [(finding.area, finding.held) for finding in findings] == [
        ("files", True),
        ("network", True),
        ("processes", True),
        ("environment", True),
    ]


async def test_the_program_sees_what_it_was_given_and_nothing_more(
    bubblewrap: Sandbox, workspace: Path, tmp_path: Path
) -> None:
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "note").write_text("given")
    for folder in (tmp_path, extra):
        folder.chmod(0o755)
    script = "import os;print(os.getcwd(), sorted(os.environ), open(os.environ['NOTE']).read())"
    command = Command(
        argv=(sys.executable, "-I", "-c", script),
        workspace=workspace,
        timeout=LONG,
        env={"NOTE": str(extra / "note")},
        read_only=(extra,),
    )

    finished = await bubblewrap.run(command)

    names = "['HOME', 'LANG', 'NOTE', 'PATH', 'PWD', 'TMPDIR']"
    assert finished.output.decode() == f"/workspace {names} given\n"
    assert bubblewrap.path(workspace) == "/workspace"


async def test_what_the_program_writes_is_ours_afterwards(
    bubblewrap: Sandbox, workspace: Path
) -> None:
    finished = await bubblewrap.run(
        Command(("sh", "-c", "echo new > made; id -u"), workspace, timeout=LONG)
    )

    assert finished.output == b"10001\n"
    assert (workspace / "made").read_text() == "new\n"
    assert (workspace / "made").stat().st_uid == os.geteuid()


async def test_a_workspace_that_is_not_writable_stays_as_it_was(
    bubblewrap: Sandbox, workspace: Path
) -> None:
    command = Command(("touch", "made"), workspace, timeout=LONG, writable=False)

    finished = await bubblewrap.run(command)

    assert finished.exit_code == 1
    assert [path.name for path in workspace.iterdir()] == ["attack.py"]


async def test_c2_a_workspace_that_bites_is_plain_data_afterwards(
    bubblewrap: Sandbox, workspace: Path
) -> None:
    before = Path("/etc/passwd").stat()

    finished = await bubblewrap.run(attack(workspace, "trap"))

    assert finished.ok, finished.output.decode()
    assert (workspace / "closed/inside/file").read_text() == "x"
    assert (workspace / "suid").stat().st_mode & 0o7000 == 0
    assert {path.lstat().st_uid for path in workspace.rglob("*")} == {os.geteuid()}
    assert Path("/etc/passwd").stat() == before


async def test_c2_nothing_is_left_for_the_next_run(bubblewrap: Sandbox, workspace: Path) -> None:
    plant = "for place in /tmp /tmp/home /dev/shm; do echo x > $place/planted; done"
    look = "ls /tmp/planted /tmp/home/planted /dev/shm/planted 2>/dev/null | wc -l"

    planted = await bubblewrap.run(Command(("sh", "-ec", plant), workspace, timeout=LONG))
    looked = await bubblewrap.run(Command(("sh", "-c", look), workspace, timeout=LONG))

    assert (planted.exit_code, looked.output.strip()) == (0, b"0")


@pytest.mark.parametrize("place", ["/tmp/big", "/dev/shm/big"])
async def test_i50_scratch_space_is_bounded(
    bubblewrap: Sandbox, workspace: Path, place: str
) -> None:
    finished = await bubblewrap.run(attack(workspace, "fill", {"path": place, "mib": 600}))

    assert json.loads(finished.output)["mib"] <= 256


async def test_i50_processes_are_refused_past_the_limit(
    bubblewrap: Sandbox, workspace: Path
) -> None:
    finished = await bubblewrap.run(attack(workspace, "forks", {"most": 400}, processes=40))

    if finished.ended == "exited":
        assert json.loads(finished.output)["started"] <= 44
    else:  # seen from outside, where the kernel does not count for us
        assert (finished.ended, "processes" in finished.reason) == ("killed", True)


@pytest.mark.parametrize("tool", ["ruff", "pytest", "python"])
async def test_the_fleets_own_tools_work_inside(
    bubblewrap: Sandbox, workspace: Path, tool: str
) -> None:
    env, folders = tool_environment()
    command = Command(
        argv=(*python_tool(tool), "--version"),
        workspace=workspace,
        timeout=LONG,
        env=env,
        read_only=folders,
    )

    finished = await bubblewrap.run(command)

    assert finished.ok, finished.output.decode()


async def test_a_folder_named_like_a_tool_does_not_stand_in_for_it(
    bubblewrap: Sandbox, workspace: Path
) -> None:
    (workspace / "ruff").mkdir()
    (workspace / "ruff" / "__main__.py").write_text("print('all is well')")

    finished = await bubblewrap.run(
        Command((*python_tool("ruff"), "--version"), workspace, timeout=LONG)
    )

    assert finished.output.startswith(b"ruff ")


async def test_i49_a_sandbox_that_cannot_be_set_up_runs_nothing(
    workspace: Path, tmp_path: Path
) -> None:
    need_bubblewrap()
    broken = tmp_path / "bwrap"
    broken.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    broken.chmod(0o755)
    sandbox = Bubblewrap(SystemClock(), program=str(broken))

    with pytest.raises(Missing, match="No permissions to create new namespace"):
        await sandbox.run(Command(("touch", "made"), workspace, timeout=timedelta(seconds=60)))

    assert not (workspace / "made").exists()


async def test_a_workspace_that_is_not_there_is_said_by_name(
    bubblewrap: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="nowhere: no such folder"):
        await bubblewrap.run(Command(("true",), tmp_path / "nowhere", timeout=LONG))
