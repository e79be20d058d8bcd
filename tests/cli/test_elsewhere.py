"""`status`, `why`, `log`, `inbox` of a console elsewhere: a process of its own, on RabbitMQ."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.cli.commands import run
from services.cli.elsewhere import client_of
from shared.bus.amqp import AmqpDriver
from shared.clock import SystemClock
from shared.errors import BadInput
from shared.messages import Envelope
from tests.cli.commands import ROOT
from tests.cli.consoles import alive, left, several
from tests.console.desk import sender_of
from tests.console.stories import Word, to_merged
from tests.services_at_hand import amqp_vhost

__all__ = ["amqp_vhost"]

Capture = pytest.CaptureFixture[str]
READING = ("status", "inbox", "why 3", "log 3")


@dataclass(frozen=True)
class Process:
    """A console that runs, and what a command elsewhere is told of it."""

    url: str
    token_file: Path

    @property
    def environment(self) -> dict[str, str]:
        """Of a shell on another machine."""
        return {
            "PATH": os.environ["PATH"], "GATEFLEET_CONSOLE_URL": self.url,
            "GATEFLEET_CONSOLE_TOKEN_FILE": str(self.token_file), "COLUMNS": "120",
        }  # fmt: skip

    def says(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What the command prints there."""
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments], cwd=ROOT, env=self.environment,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip


@pytest.fixture
def console(tmp_path: Path, amqp_vhost: str) -> Iterator[Process]:
    """`python -m services.console`, until the test has ended."""
    environment = {
        "PATH": os.environ["PATH"], "GATEFLEET_STATE": str(tmp_path), "GATEFLEET_BUS": amqp_vhost,
        "GATEFLEET_BUS_IDENTITY": "shared", "GATEFLEET_LOG_FORMAT": "json",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "services.console"], cwd=ROOT, env=environment, text=True,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    said: dict[str, dict[str, str]] = {}
    while "service_started" not in said:
        line = process.stderr.readline()
        assert line, said
        found = json.loads(line)
        said[found["event"]] = found
    yield Process(said["console_answers"]["url"], Path(said["console_answers"]["token_file"]))
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=20)[1] is not None
    assert process.returncode == 0


@asynccontextmanager
async def said_on(url: str) -> AsyncIterator[AmqpDriver]:
    """A way onto the broker, for those who tell the story."""
    driver = AmqpDriver(url, SystemClock(), shared_identity=True)
    await driver.connect("a-story")
    yield driver
    await driver.close()


def envelope(word: Word) -> Envelope:
    """A word of a story as its service says it."""
    heard = word.heard()
    return Envelope(
        id=word.id, topic=heard.topic, body=word.message.model_dump_json().encode(),
        sender=sender_of(heard.topic), at=word.at, correlation=heard.correlation,
    )  # fmt: skip


async def test_the_log_of_an_issue_is_one_story_over_rabbitmq(
    console: Process, amqp_vhost: str, tmp_path: Path
) -> None:
    """The same, line by line, as of a store in which the story lies already."""
    story = to_merged()
    left(tmp_path / "same", story)
    same = await _says(console, "log", "7", "--console", "", "--state", str(tmp_path / "same"))
    async with said_on(amqp_vhost) as driver:
        for word in story:
            assert await driver.publish(envelope(word))
        log = await _says(console, "log", "7")
        while log.stdout.count("\n") < same.stdout.count("\n"):
            log = await _says(console, "log", "7")

    assert (log.returncode, log.stderr) == (0, "")
    first, *lines = log.stdout.splitlines()
    assert first == f"octo/hello · asked at {console.url}"
    assert lines == same.stdout.splitlines()[1:]
    assert len(lines) > 25
    why = await _says(console, "why", "7")
    assert why.stdout.startswith("#7 merged")


async def _says(console: Process, *arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(console.says, *arguments)


@pytest.mark.parametrize("command", READING)
async def test_every_command_that_reads_asks_the_console_that_is_named(
    command: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with alive(tmp_path / "there", several()) as here:
        monkeypatch.setenv("GATEFLEET_CONSOLE_TOKEN_FILE", str(here.console.server.token_path))
        capsys.readouterr()
        code = await asyncio.to_thread(
            run, [*command.split(), "--json", "--console", here.console.server.url,
                  "--state", str(tmp_path / "nothing-here")],
        )  # fmt: skip
        found = json.loads(capsys.readouterr().out)

    assert code == 0
    assert found["running"] == {"console_url": here.console.server.url}


@pytest.mark.parametrize("url", ["console", "ftp://console:1", "http://", "127.0.0.1:8400"])
def test_what_is_no_address_is_one_line(url: str) -> None:
    with pytest.raises(BadInput, match=r"is no address of a console; give http://HOST:PORT"):
        client_of(url, {})


def test_without_a_token_the_line_names_the_variable(tmp_path: Path) -> None:
    url = "http://127.0.0.1:1"
    with pytest.raises(BadInput, match=r"GATEFLEET_CONSOLE_TOKEN_FILE: not set"):
        client_of(url, {})
    gone = {"GATEFLEET_CONSOLE_TOKEN_FILE": str(tmp_path / "gone")}
    with pytest.raises(BadInput, match=r"GATEFLEET_CONSOLE_TOKEN_FILE: .*gone cannot be read"):
        client_of(url, gone)


def test_a_console_that_is_away_is_one_line_that_says_where(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEFLEET_CONSOLE_TOKEN", "t")

    assert run(["status", "--console", "http://127.0.0.1:1"]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("gatefleet: http://127.0.0.1:1: the console does not answer (")
