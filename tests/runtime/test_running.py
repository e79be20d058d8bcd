"""A service as a process: it stops when told, at any moment, and says in one line what is wrong."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.bus import Driver
from shared.clock import Clock, FakeClock
from shared.errors import Missing
from shared.runtime.running import GRACE_S, Program, alone, live, on_bus, run
from shared.runtime.settings import BusSettings, settings_config
from shared.runtime.variables import Variables
from tests.services_at_hand import amqp_vhost

__all__ = ["amqp_vhost"]

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/__main__.py"))
NOT_SERVED = {"cli", "docs", "stack"}
"""Commands, which have arguments of their own."""


class Settings(BusSettings):
    """Of a service that does nothing."""

    model_config = settings_config("GATEFLEET_TRIED_")


@dataclass
class Tried:
    """Notes what is done to it; hangs at `at`, fails with `error` where it would be serving."""

    at: str = "serving"
    error: BaseException | None = None
    done: list[str] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        await self._reach("starting")

    async def broken(self) -> None:
        if self.error is not None:
            raise self.error
        await self._reach("serving")

    async def stop(self, grace_s: float = 0.0) -> None:
        self.done.append(f"stop {grace_s:g}")

    async def _reach(self, place: str) -> None:
        self.done.append(place)
        if self.at == place:
            self.reached.set()
            await asyncio.Event().wait()

    @asynccontextmanager
    async def opened(self, settings: Settings, clock: Clock) -> AsyncIterator["Tried"]:
        try:
            await self._reach("opening")
            yield self
        finally:
            self.done.append("closed")

    @property
    def program(self) -> Program[Settings]:
        return Program("Tried.", Variables(Settings, "GATEFLEET_TRIED_"), read, self.opened)


def read(environment: Mapping[str, str]) -> Settings:
    return Settings(state=Path("/nonexistent"))


@pytest.mark.parametrize(
    ("at", "done"),
    [
        ("opening", ["opening", "closed"]),
        ("starting", ["opening", "starting", f"stop {GRACE_S:g}", "closed"]),
        ("serving", ["opening", "starting", "serving", f"stop {GRACE_S:g}", "closed"]),
    ],
)
async def test_it_can_be_told_to_stop_at_any_moment(at: str, done: list[str]) -> None:
    tried, told = Tried(at), asyncio.Event()
    living = asyncio.ensure_future(live(tried.program, read({}), FakeClock(), told=told))
    await tried.reached.wait()

    told.set()

    assert await living == 0
    assert tried.done == done


async def test_a_service_that_breaks_is_stopped_and_ends_with_1() -> None:
    tried = Tried(error=KeyError("a mistake in the program"))

    assert await live(tried.program, read({}), FakeClock(), told=asyncio.Event()) == 1
    assert tried.done == ["opening", "starting", f"stop {GRACE_S:g}", "closed"]


def test_wrong_settings_are_a_line_each_and_2(capsys: pytest.CaptureFixture[str]) -> None:
    program = on_bus(Settings, alone(_never), about="Tried.")

    code = run(program, [], {"GATEFLEET_TRIED_BUSS": "x", "GATEFLEET_TRIED_STATEE": "y"})

    said = capsys.readouterr().err.splitlines()
    assert code == 2
    assert [line.split(":")[0] for line in said] == [
        "GATEFLEET_TRIED_BUSS",
        "GATEFLEET_TRIED_STATEE",
    ]


@pytest.mark.parametrize("bus", ["memory://", "nonsense", "http://me:s3cret@b/"])
def test_one_service_needs_a_broker(bus: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(on_bus(Settings, alone(_never), about="Tried."), [], {"GATEFLEET_BUS": bus})

    said = capsys.readouterr().err
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("GATEFLEET_TRIED_BUS: one service by itself needs a broker")
    assert "s3cret" not in said


def test_what_is_missing_at_the_start_is_said_and_2(capsys: pytest.CaptureFixture[str]) -> None:
    @asynccontextmanager
    async def opened(settings: Settings, clock: Clock) -> AsyncIterator[Tried]:
        if settings.state == Path("/nonexistent"):
            raise Missing("bwrap: not installed; install bubblewrap")
        yield Tried()

    program = Program("Tried.", Variables(Settings, "GATEFLEET_TRIED_"), read, opened)

    assert run(program, [], {}) == 2
    assert capsys.readouterr().err == "bwrap: not installed; install bubblewrap\n"


def test_arguments_are_refused_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(on_bus(Settings, alone(_never), about="Tried."), ["start"], {}) == 2
    assert capsys.readouterr().err.startswith("usage: python -m ")


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in NOT_SERVED])
def test_every_service_prints_the_variables_it_reads(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", f"services.{name}", "--help"],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=60,
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"usage: python -m services.{name} [--help]\n")
    assert f"\nGATEFLEET_{name.upper()}_STATE, else GATEFLEET_STATE (path" in ran.stdout


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_process_on_a_real_broker_stops_when_it_is_told(
    stop: signal.Signals, amqp_vhost: str, tmp_path: Path
) -> None:
    environment = {
        "PATH": os.environ["PATH"], "GATEFLEET_STATE": str(tmp_path), "GATEFLEET_BUS": amqp_vhost,
        "GATEFLEET_BUS_IDENTITY": "shared", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "services.scheduler"],
        cwd=ROOT, env=environment, text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    said = ""
    while "service_started" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line

    process.send_signal(stop)
    rest = process.communicate(timeout=20)[1]

    assert process.returncode == 0, said + rest
    assert "service_stopped" in rest
    assert "senders_not_proven" in said


def _never(settings: Settings, driver: Driver, clock: Clock) -> Tried:
    raise AssertionError("it is not even built")
