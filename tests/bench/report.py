"""Tables of figures, and the machine that they were measured on."""

import os
import platform
import resource
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table as Grid

Value = str | int | float | None

NOTHING = "-"
BUSY = (
    "The machine was busy with other work (load {load:.1f} on {cores} core(s) before the start): "
    "times are longer than on a quiet one; ratios say more."
)
OTHERS = (
    "Other programs used {cores:.1f} of {all} core(s) while this was measured ({seconds:.0f} s)."
)


@dataclass(frozen=True)
class Table:
    """Figures of one kind. The first column says what; units stand in the columns' names."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Value, ...]]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Wanted:
    """What the command line asked of a program."""

    runs: int | None = None
    """How often to repeat; None is the program's own number."""

    def times(self, default: int) -> int:
        """How often to repeat."""
        return default if self.runs is None else self.runs


@dataclass
class Neighbours:
    """How much of the machine others used, from `start` on. Linux only; elsewhere unknown."""

    _busy: float = field(default_factory=lambda: _busy_s() or 0.0)
    _own: float = field(default_factory=lambda: _own_s())
    _began: float = field(default_factory=time.perf_counter)

    def line(self) -> str | None:
        """One line for people, once everything that was started here has ended."""
        busy = _busy_s()
        if busy is None:
            return None
        seconds = time.perf_counter() - self._began
        others = max(0.0, busy - self._busy - (_own_s() - self._own))
        return OTHERS.format(cores=others / seconds, all=cores(), seconds=seconds)


def middle(values: Sequence[float], digits: int = 3) -> float | None:
    """The median; None of nothing."""
    return round(median(values), digits) if values else None


def high(values: Sequence[float], digits: int = 3) -> float | None:
    """The 95th percentile, which is the largest where there are few; None of nothing."""
    if len(values) < 20:
        return round(max(values), digits) if values else None
    return round(quantiles(values, n=20, method="inclusive")[-1], digits)


def highest(values: Sequence[float], digits: int = 3) -> float | None:
    """The 99th percentile, which is the largest where there are fewer than 100; None of nothing."""
    if len(values) < 100:
        return round(max(values), digits) if values else None
    return round(quantiles(values, n=100, method="inclusive")[-1], digits)


def met(value: float | None, target: float | None, *, at_least: bool) -> str | None:
    """`met` or `missed`, for people to read; None where there is no target."""
    if value is None or target is None:
        return None
    return "met" if (value >= target if at_least else value <= target) else "missed"


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, Value]:
    """Cores, memory, versions, load."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True)
    return {
        "cores": cores(),
        "memory_gib": round(memory / 2**30, 1),
        "python": platform.python_version(),
        "git": git.stdout.split()[2],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_1m": round(os.getloadavg()[0], 2),
        "load_5m": round(os.getloadavg()[1], 2),
    }


def show_machine(found: dict[str, Value], screen: Console) -> None:
    """Its shape in one line, and a warning where it is busy."""
    screen.print(" · ".join(f"{key} {value}" for key, value in found.items()), highlight=False)
    load = os.getloadavg()[0]
    if load > 0.5 * cores():
        screen.print(BUSY.format(load=load, cores=cores()), highlight=False)


def show(table: Table, screen: Console) -> None:
    """One table, its notes below."""
    grid = Grid(title=table.title, title_justify="left", title_style="bold")
    for number, name in enumerate(table.columns):
        grid.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in table.rows:
        grid.add_row(*map(cell, row))
    screen.print()
    screen.print(grid)
    for note in table.notes:
        screen.print(f"  {note}", highlight=False, markup=False)


def cell(value: Value) -> str:
    """A figure as people read it."""
    if value is None:
        return NOTHING
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else value


def _busy_s() -> float | None:
    """Seconds of all cores that were spent on anything, since the machine started."""
    place = Path("/proc/stat")
    if not place.exists():
        return None
    numbers = [int(number) for number in place.read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _wait, interrupts, soft, stolen = numbers
    ticks = os.sysconf("SC_CLK_TCK")
    return (user + nice + system + interrupts + soft + stolen) / ticks


def _own_s() -> float:
    """Seconds of this process and of its children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
