"""`gatefleet up` and `gatefleet tick` as processes, on folders of the test's own."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.fleet.hosting import Hosted, host
from shared.clock import SystemClock
from tests.cli.commands import ROOT, Ran, end, environment
from tests.demo.repositories import POLICY, repository

QUIET = {".gatefleet.yml": POLICY, "thing.py": "ONE = 1\n"}
"""A repository in which there is nothing to propose."""

FINDS_TESTS = "proposals: {quota: 1, finders: [tests]}\ntest: {command: python -m pytest -q}\n"
HANGS = """\
import os, signal, time

signal.signal(signal.SIGTERM, signal.SIG_IGN)


def test_it_hangs():
    open({begun!r}, "w").close()
    while not os.path.exists({go!r}):
        time.sleep(0.01)
    assert False, "now it fails"
"""


def hanging(begun: Path, go: Path) -> dict[str, str]:
    """A repository with a test that hears no signal, and fails only once `go` is there.

    Outside of a sandbox that isolates, it makes `begun` when it has begun.
    """
    test = HANGS.format(begun=str(begun), go=str(go))
    return {".gatefleet.yml": FINDS_TESTS, "test_it.py": test}


@dataclass(frozen=True)
class World:
    """A state folder, a repository to begin with, and a temporary folder."""

    tmp: Path

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.tmp / "state"

    @property
    def temporary(self) -> Path:
        """What TMPDIR says."""
        return self.tmp / "tmp"

    def repo(self, files: Mapping[str, str] = QUIET) -> Path:
        """The repository, made the first time."""
        folder = self.tmp / "yours"
        return folder if folder.exists() else repository(folder, files)

    def start(
        self, *args: str, state: Path | None = None, **variables: str
    ) -> "subprocess.Popen[str]":
        """Start the command in a session of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "services.cli", *args, "--state", str(state or self.state)],
            cwd=ROOT, text=True, env=environment(self.temporary) | variables,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip

    def run(self, *args: str, state: Path | None = None, **variables: str) -> Ran:
        """Run the command to its end."""
        return end(self.start(*args, state=state, **variables), self.temporary)

    @contextmanager
    def up(self, *args: str, **variables: str) -> Iterator["Up"]:
        """`gatefleet up`, once its first line is printed; killed at the end if it is still there."""
        process = self.start("up", "--port", "0", *args, state=None, **variables)
        try:
            yield Up(process, _line(process), self.temporary)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@dataclass
class Up:
    """A fleet that is up."""

    process: "subprocess.Popen[str]"
    first: str
    temporary: Path

    def ended(self) -> Ran:
        """Wait for its end."""
        return end(self.process, self.temporary)


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        _, err = process.communicate()
        raise AssertionError(f"it ended before its first line: {err}")
    return line


async def hosted_again(state: Path) -> Hosted:
    """The embedded forge of a fleet that is not running, for a moment."""
    return await host(state / "forge", None, None, SystemClock())


async def act(hosted: Hosted, method: str, path: str, body: object) -> dict[str, Any]:
    """As the person, over REST."""
    async with httpx.AsyncClient(base_url=hosted.url, timeout=30) as person:
        answer = await person.request(
            method, f"/repos/{hosted.owner}/{hosted.name}{path}", json=body,
            headers={"authorization": f"Bearer {hosted.token('you')}"},
        )  # fmt: skip
    answer.raise_for_status()
    found = json.loads(answer.text)
    return found if isinstance(found, dict) else {}


@contextmanager
def forge_elsewhere(tmp: Path, source: Path, name: str = "octo/hello") -> Iterator[dict[str, str]]:
    """local-forge in a process of its own; yields what tells a fleet to work there."""
    state = tmp / "elsewhere"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "services.local_forge"], cwd=ROOT, text=True,
        env=environment(tmp / "tmp") | {
            "GATEFLEET_LOCAL_FORGE_STATE": str(state), "GATEFLEET_LOCAL_FORGE_PORT": str(port),
            "GATEFLEET_LOCAL_FORGE_REPOSITORY": name, "GATEFLEET_LOCAL_FORGE_SOURCE": str(source),
        },
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert "listens on" in _line(process)
        yield {
            "GATEFLEET_FORGE_URL": f"http://127.0.0.1:{port}", "GATEFLEET_FLEET_REPOSITORY": name,
            "GATEFLEET_FLEET_TOKEN_FILE": str(state / "tokens" / "fleet"),
            "GATEFLEET_FLEET_READ_TOKEN_FILE": str(state / "tokens" / "reader"),
            "GATEFLEET_FLEET_APP_SLUG": "gatefleet",
        }  # fmt: skip
    finally:
        process.kill()
        process.communicate()
