"""`gatefleet demo` as a whole, several times, in processes of its own.

Three issues are under way at a time here, on as many cores as there are: a step's seconds include
waiting for the others. What the loop adds to an issue by itself is measured by `issues`.
"""

import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.children import Child, covered
from tests.bench.report import Table, Value, Wanted, high, middle
from tests.bench.steps import Event, Step, steps

RUNS = 3
ENOUGH_S = 100.0
"""No run is begun that would end later than this, unless a number was asked for."""
LIMIT_S = 300

TARGET_LOOP_S, TARGET_QUESTION_S = 60, 120

FAILED = "gatefleet demo ended with {code}: {last}"
WHOLE = "`gatefleet demo --yes`, {runs} run(s), bubblewrap where it works"
STEPS = "The demo's steps: seconds from one message to the next, {issues} issues at a time"
OF_ALL = (
    "from one message to the next as the console heard them; agents' work, git, the played person "
    "and waiting for the other issues are in it"
)
QUESTION = "start → first question: from the start of the process to the first proposal heard"
OUTSIDE = (
    "outside of agents' runs: approved → merged, less the time in which an agent worked on this "
    "issue; pushing, waiting for a free agent and for the other issues are in it"
)

_DONE = re.compile(
    r"^(?P<at>\S+)Z .*job_done .*correlation=(?P<issue>\S+) job=run:\S* seconds=(?P<s>[\d.]+)"
)


@dataclass(frozen=True)
class Demo:
    """One run: what it printed and what it left."""

    began: datetime
    process_s: float
    printed: dict[str, Any]
    events: tuple[Event, ...]
    runs: tuple[tuple[str, Child], ...]
    """Agents' runs with the issue that each was for."""

    @property
    def question_s(self) -> float:
        """From the start of the process to the first proposal that waits for a person."""
        first = min(each.at for each in self.events if each.topic == "gate.issue.opened.v1")
        return first - self.began.timestamp()

    def issues(self) -> Iterator[tuple[str, list[Step]]]:
        """Every issue that was merged, with its steps."""
        told = defaultdict(list)
        for event in self.events:
            told[event.correlation].append(event)
        for correlation, events in told.items():
            if found := steps(events):
                yield correlation, found

    def outside_s(self, issue: str, found: list[Step]) -> float:
        """Seconds of an issue in which no agent worked on it."""
        began, ended = found[0].began, found[-1].ended
        worked = [run for correlation, run in self.runs if correlation == issue]
        return ended - began - covered(worked, began, ended)


def play(folder: Path) -> Demo:
    """One demo that keeps its state below `folder`."""
    began, clock = datetime.now(UTC), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "demo", "--yes", "--json", "--keep", str(folder)],
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    process_s = time.perf_counter() - clock
    if done.returncode != 0:
        last = done.stderr.strip().rpartition("\n")[2]
        raise SystemExit(FAILED.format(code=done.returncode, last=last))
    events = read_events(folder / "fleet" / "databases" / "console.db")
    runs = tuple(_runs((folder / "demo.log").read_text()))
    return Demo(began, process_s, json.loads(done.stdout), events, runs)


def read_events(database: Path) -> tuple[Event, ...]:
    """The console's event log, as it lies on the disk."""
    query = "select at, topic, sender, correlation, body from events order by seq"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return tuple(
            Event(_seconds(at), topic, sender, correlation, json.loads(body))
            for at, topic, sender, correlation, body in connection.execute(query)
        )


def main(wanted: Wanted) -> list[Table]:
    """Play it several times."""
    demos: list[Demo] = []
    began = time.perf_counter()
    for number in range(wanted.times(RUNS)):
        so_far = time.perf_counter() - began
        if wanted.runs is None and number and so_far * (number + 1) / number > ENOUGH_S:
            break
        with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder:
            demos.append(play(Path(folder) / "demo"))
    return [_whole(demos), _steps(demos)]


def _whole(demos: list[Demo]) -> Table:
    def row(name: str, values: list[float], target: Value = None) -> tuple[Value, ...]:
        return name, middle(values), high(values), target

    merged = [list(demo.issues()) for demo in demos]
    issues = [len(each) for each in merged]
    outside = [d.outside_s(*each) for d, found in zip(demos, merged, strict=True) for each in found]
    messages = [sum(d.printed["messages"].values()) / n for d, n in zip(demos, issues, strict=True)]
    return Table(
        WHOLE.format(runs=len(demos)),
        ("figure", "median", "p95", "target"),
        [
            row("the loop itself, s", [d.printed["seconds"] for d in demos], TARGET_LOOP_S),
            row("start → first question, s", [d.question_s for d in demos], TARGET_QUESTION_S),
            row("the whole process, s", [d.process_s for d in demos]),
            row("issues merged", [float(n) for n in issues]),
            row("messages per merged issue", messages),
            row("an issue outside of agents' runs, s", outside),
        ],
        (QUESTION, OUTSIDE),
    )


def _steps(demos: list[Demo]) -> Table:
    taken: dict[str, list[float]] = defaultdict(list)
    for demo in demos:
        for _, found in demo.issues():
            for step in found:
                taken[step.name].append(step.seconds)
    issues = max(len(list(demo.issues())) for demo in demos)
    return Table(
        STEPS.format(issues=issues),
        ("step", "median s", "p95 s", "times"),
        [(name, middle(values), high(values), len(values)) for name, values in taken.items()],
        (OF_ALL,),
    )


def _runs(log: str) -> Iterator[tuple[str, Child]]:
    for line in log.splitlines():
        found = _DONE.match(line)
        if found is not None:
            ended = datetime.fromisoformat(found["at"]).replace(tzinfo=UTC).timestamp()
            yield found["issue"], Child("run", ended - float(found["s"]), ended)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
