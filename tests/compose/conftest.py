"""One stack for all drills: built, started, measured, and removed with everything in it."""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.compose.person import You
from tests.compose.source import SOURCE, make_source
from tests.compose.stack import SERVICES, Stack, engine, free_ports
from tests.services_at_hand import missing

PROJECT = "gatefleet-test"
IMAGE = "gatefleet:local"
IDLE_S = 15.0
FIGURES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Figures are told at the end, whatever was captured on the way."""
    config.stash[FIGURES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured."""
    for line in terminalreporter.config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The sample with shorter leases, and everything of the stack healthy."""
    if not has_compose():
        missing("docker compose")
    figures = request.config.stash[FIGURES]
    source = asyncio.run(make_source(tmp_path_factory.mktemp("source") / "stockroom"))
    stack = Stack(PROJECT, free_ports("PAGES", "CONSOLE", "AMQP"), figures)
    stack.always = (SOURCE,)
    stack.variables = {"GATEFLEET_STACK_SOURCE": str(source)}
    stack.down()
    try:
        began = time.monotonic()
        stack.compose("build", within_s=900)
        figures.append(f"image built in {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        stack.up()
        figures.append(f"first start to healthy: {time.monotonic() - began:.0f} s")
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="session")
def you(stack: Stack) -> You:
    """The person, once there is something to decide, and the stack was measured at rest."""
    you = You.at(stack)
    you.proposals(3)
    _measure(stack)
    return you


def _measure(stack: Stack) -> None:
    size = int(engine("image", "inspect", "-f", "{{.Size}}", IMAGE))
    base = int(engine("image", "inspect", "-f", "{{.Size}}", "python:3.12-slim"))
    stack.figures.append(f"image: {(size - base) / 1e6:.0f} MB beyond its base")
    _idle()  # what the start has left to do is no rest
    before = {name: _cpu_s(stack, name) for name in SERVICES}
    began = time.monotonic()
    _idle()
    spent = {name: _cpu_s(stack, name) - before[name] for name in SERVICES}
    seconds = time.monotonic() - began
    memory = _memory()
    for name in SERVICES:
        used = memory.get(f"{PROJECT}-{name}-1", 0.0)
        cpu = 100 * spent[name] / seconds
        stack.figures.append(f"at rest: {name:14} {used:6.0f} MiB {cpu:5.1f} % of a core")
    stack.memory_mib = sum(memory.values())
    stack.cpu_percent = 100 * sum(spent.values()) / seconds
    stack.figures.append(
        f"at rest: all together  {stack.memory_mib:.0f} MiB, {stack.cpu_percent:.1f} % (target 5)"
    )


def _idle() -> None:
    subprocess.run(["docker", "events", "--until", f"{int(time.time() + IDLE_S)}"],
                   capture_output=True, check=False)  # fmt: skip


def _cpu_s(stack: Stack, service: str) -> float:
    """What it has used so far, by its own control group; version 1 counts nanoseconds."""
    said = stack.exec(service, "bash", "-c",
                      "cat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null"
                      " || sed -n 's/usage_usec //p' /sys/fs/cgroup/cpu.stat")  # fmt: skip
    count = int(said.split()[0])
    return count / 1e9 if count > 10**8 else count / 1e6


def _memory() -> dict[str, float]:
    """MiB by container."""
    said = engine("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}")
    units = {"B": 2**-20, "KiB": 2**-10, "MiB": 1.0, "GiB": 1024.0}
    found: dict[str, float] = {}
    for line in said.splitlines():
        name, amount, *_ = line.split()
        number = re.match(r"([0-9.]+)([A-Za-z]+)", amount)
        if name.startswith(f"{PROJECT}-") and number is not None:
            found[name] = float(number[1]) * units[number[2]]
    return found


def has_compose() -> bool:
    """Whether the engine's command knows it."""
    if shutil.which("docker") is None:
        return False
    asked = ["docker", "compose", "version"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0
