"""`gatefleet up` as a process: how soon it is ready, what it costs while nothing happens, how soon it is
back at work after a crash."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.quick_fleet import make_source
from tests.bench.report import Table, Value, Wanted, high, middle

STARTS, CRASHES = 5, 10
IDLE_S = 30.0
SETTLE_S = 5.0
PATIENCE_S = 120.0

TARGET_READY_S, TARGET_MIB, TARGET_CPU, TARGET_RESUMED_S = 3, 200, 1, 10

IDLE = "`gatefleet up` on a small repository, embedded forge included, {starts} start(s)"
READY = "ready: the first line is printed; first start: an empty state folder"
MEMORY = "memory after {seconds:g} s of rest; PSS shares what several processes have in common"
CPU = "idle: of one core, over {seconds:g} s in which nobody does anything"
CRASH = "kill -9 while a run is in its sandbox → the run is in a sandbox again, {crashes} crash(es)"
AT_ONCE = "started again at once, as a supervisor does; the start of the process is in it"
ENDED = "gatefleet up ended with {code}: {last}"
NEVER = "waited {seconds:g} s for {what}"

POLICY = "proposals: {quota: 1, finders: [tests]}\ntest: {command: python -m pytest -q}\n"
HANGS = """\
import time


def test_it_takes_long():
    with open({begun!r}, "a") as said:
        said.write("x")
    time.sleep(1000)
"""


def main(wanted: Wanted) -> list[Table]:
    """`--runs` is the number of starts, and of crashes."""
    with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder:
        idle = _idle(Path(folder), wanted.times(STARTS))
    with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder:
        return [idle, _crashes(Path(folder), wanted.times(CRASHES))]


@contextmanager
def fleet(state: Path, *args: str, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """A fleet that has printed its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "up", "--state", str(state), "--port", "0", *args],
        env=os.environ | variables, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=(state.parent / "up.log").open("a"), start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        if not process.stdout.readline():
            last = (state.parent / "up.log").read_text().strip().rpartition("\n")[2]
            raise SystemExit(ENDED.format(code=process.wait(), last=last))
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate()


def _idle(folder: Path, starts: int) -> Table:
    source = make_source(folder / "source", faulty=0, clean=3)
    ready: list[float] = []
    rows: list[tuple[Value, ...]] = []
    for number in range(starts):
        began = time.perf_counter()
        with fleet(folder / "state", "--repo", str(source)) as process:
            ready.append(time.perf_counter() - began)
            if number + 1 == starts:
                _until(time.perf_counter() + SETTLE_S)
                before, since = _cpu_s(process.pid), time.perf_counter()
                _until(since + IDLE_S)
                spent = (_cpu_s(process.pid) - before) / (time.perf_counter() - since)
                resident, proportional = _memory_mib(process.pid)
                rows = [
                    ("memory (RSS), MiB", resident, None, TARGET_MIB),
                    ("memory (PSS), MiB", proportional, None, TARGET_MIB),
                    ("idle CPU, % of a core", spent * 100, None, TARGET_CPU),
                ]
    rows = [
        ("first start → ready, s", ready[0], None, TARGET_READY_S),
        ("later start → ready, s", middle(ready[1:]), high(ready[1:]), TARGET_READY_S),
        *rows,
    ]
    notes = (READY, MEMORY.format(seconds=SETTLE_S + IDLE_S), CPU.format(seconds=IDLE_S))
    return Table(IDLE.format(starts=starts), ("figure", "median", "p95", "target"), rows, notes)


def _crashes(folder: Path, crashes: int) -> Table:
    begun = folder / "begun"
    source = make_source(folder / "source", faulty=0, clean=1)
    for name, text in {".gatefleet.yml": POLICY, "tests/test_long.py": HANGS}.items():
        (source / name).write_text(text.replace("{begun!r}", repr(str(begun))))
    subprocess.run(["git", "-C", source, "add", "-A"], check=True)
    named = ("-c", "user.name=Bench", "-c", "user.email=bench@gatefleet.invalid")
    subprocess.run(["git", "-C", source, *named, "commit", "-qm", "Take long"], check=True)
    args = ("--repo", str(source), "--sandbox", "process")
    found: list[float] = []
    killed = 0.0
    for number in range(crashes + 1):
        proposing = {"GATEFLEET_SCHEDULER_PROPOSE_AT_START": "true"}
        with fleet(folder / "state", *args, **proposing) as process:
            _wait(lambda: begun.exists() and begun.stat().st_size > number, "the run's sandbox")  # noqa: B023 - at once
            if number:
                found.append(time.perf_counter() - killed)
            process.send_signal(signal.SIGKILL)
            killed = time.perf_counter()
            process.wait()
    row: tuple[Value, ...] = ("killed → resumed, s", middle(found), high(found), TARGET_RESUMED_S)
    return Table(
        CRASH.format(crashes=crashes), ("figure", "median", "p95", "target p95"), [row], (AT_ONCE,)
    )


def _wait(happened: Callable[[], bool], what: str) -> None:
    until = time.perf_counter() + PATIENCE_S
    while not happened():
        if time.perf_counter() > until:
            raise SystemExit(NEVER.format(seconds=PATIENCE_S, what=what))
        time.sleep(0.01)


def _until(moment: float) -> None:
    while time.perf_counter() < moment:
        time.sleep(0.01)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mib(pid: int) -> tuple[float, float]:
    found = dict(re.findall(r"(\w+):\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text()))
    return int(found["Rss"]) / 1024, int(found["Pss"]) / 1024
