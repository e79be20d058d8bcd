"""Who joins from outside: one more agent that takes work and dies in the middle, and a custom event."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.console.shapes import RunLine
from shared.lifecycle import IssueState
from tests.compose.person import REPOSITORY, You
from tests.compose.stack import ROOT, Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

LAPTOP = ("compose/laptop.yaml",)


@contextmanager
def outside(stack: Stack, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """dev-agent as a process of this machine, with what set-up hands to a developer."""
    handed = stack.compose("run", "--rm", "--no-deps", "-T", "setup", "join", "dev-agent")
    given = dict(re.findall(r"^export (\w+)=(.+)$", handed, re.MULTILINE))
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GATEFLEET_STATE": str(folder / "state"),
        **given,
    }  # fmt: skip
    command = [sys.executable, "-m", "services.cli", "run", "dev-agent"]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
    try:
        until(lambda: _begun(process, folder / "log"), "the agent outside")
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


def test_an_agent_outside_takes_work_and_when_it_dies_another_finishes_it_once(
    stack: Stack, you: You, tmp_path: Path
) -> None:
    (proposed,) = you.proposals(1)
    stack.up(files=LAPTOP)
    stack.compose("stop", "dev-agent")

    with outside(stack, tmp_path) as agent:
        you.approve(proposed.number)
        held = until(lambda: _held_outside(you, proposed.number), "a run that is held outside")
        agent.kill()
    stack.up("--scale", "dev-agent=2", "--scale", "qa-agent=2", files=LAPTOP)
    merged = you.merge(proposed.number)

    assert merged.state is IssueState.MERGED
    ended = {run.run: run for run in _runs(you, proposed.number)}
    assert "outside-" not in ended[held.run].holder
    assert ended[held.run].carried_out
    assert ended[held.run].generation > held.generation
    stack.up()


def test_copies_of_an_agent_have_names_and_stores_of_their_own(stack: Stack) -> None:
    stack.up("--scale", "dev-agent=3")

    names = re.findall(r"service_started.* instance=(\S+)", stack.compose("logs", "dev-agent"))
    stores = stack.exec("dev-agent", "ls", "/var/lib/gatefleet/databases").split()
    stack.up()

    assert {"1", "2", "3"} <= set(names)
    assert {"dev-agent.db", "dev-agent-2.db", "dev-agent-3.db"} <= set(stores)


def test_a_custom_event_from_outside_starts_the_role_that_the_policy_names(
    stack: Stack, you: You
) -> None:
    you.proposals(1)
    said = stack.compose(
        "run", "--rm", "-T", "--no-deps", "you", "publish", "custom.drill.alert", "title=Look",
        "--repo", REPOSITORY, "--wait", "--timeout", "120", "--output", "json", within_s=200,
    )  # fmt: skip

    told = json.loads(said)
    assert told["taken"]
    assert told["run"]
    assert told["end"] is not None


def _begun(process: "subprocess.Popen[bytes]", log: Path) -> bool:
    said = log.read_bytes()
    assert process.poll() is None, said.decode()
    return b"service_started" in said


def _held_outside(you: You, number: int) -> RunLine | None:
    return next((run for run in _runs(you, number) if "outside-" in run.holder), None)


def _runs(you: You, number: int) -> tuple[RunLine, ...]:
    answer = you.issue(number)
    return answer.runs if answer is not None else ()
