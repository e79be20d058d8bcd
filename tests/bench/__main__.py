"""`python -m tests.bench [NAME …] [--json FILE] [--markdown FILE] [--runs N]`: what `make bench` runs.

Figures and ratios for people; nothing here passes or fails by how fast it was.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console

from tests.bench import (
    approval,
    bus,
    issues,
    latency,
    local_forge,
    loop,
    memory,
    setup,
    simulation,
    up,
    writes,
)
from tests.bench.markdown import rewrite
from tests.bench.report import Neighbours, Table, Wanted, machine, show, show_machine

PROGRAMS: dict[str, Callable[[Wanted], list[Table]]] = {
    "loop": loop.main,
    "issues": issues.main,
    "approval": approval.main,
    "up": up.main,
    "bus": bus.main,
    "latency": latency.main,
    "memory": memory.main,
    "local_forge": local_forge.main,
    "setup": setup.main,
    "writes": writes.main,
    "simulation": simulation.main,
}
WHAT = {
    "loop": "gatefleet demo as a whole: seconds, messages",
    "issues": "what the loop adds to one issue at a time, per step; approval to work started",
    "approval": "milliseconds from an approval by webhook to the sandbox that starts on it",
    "up": "start to ready, idle memory and CPU, crash to work resumed",
    "bus": "messages a second, consumed and published, beside raw aio-pika and other libraries",
    "latency": "milliseconds at 50 messages a second, beside raw aio-pika and FastStream",
    "memory": "of each idle service as a process of its own over RabbitMQ",
    "local_forge": "milliseconds of a warm GET",
    "simulation": "steps a second of the simulation",
    "writes": "writes to the forge per merged issue, comments among them",
    "setup": "from a fresh clone to the first question",
}


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for, one after the other; all of it without names."""
    lines = "\n".join(f"  {name:12} {what}" for name, what in WHAT.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=f"programs:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; without names: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="put the tables there, between its marks"
    )
    parser.add_argument("--runs", type=int, metavar="N", help="repeat so often")
    asked = parser.parse_args(arguments)
    if unknown := sorted(set(asked.names) - set(PROGRAMS)):
        parser.error(f"{unknown[0]}: there is no such program; choose from {', '.join(PROGRAMS)}")
    screen = Console(width=None if sys.stdout.isatty() else 110)
    found = machine()
    show_machine(found, screen)
    figures: dict[str, object] = {"machine": found}
    told: list[tuple[Table, str | None]] = []
    for name in asked.names or PROGRAMS:
        neighbours = Neighbours()
        tables = PROGRAMS[name](Wanted(asked.runs))
        for table in tables:
            show(table, screen)
        line = neighbours.line()
        if line is not None:
            screen.print(f"  {line}", highlight=False)
        told += [(table, line) for table in tables]
        figures[name] = {"tables": [table.as_json() for table in tables], "others": line}
        if asked.json is not None:
            asked.json.write_text(json.dumps(figures, indent=2) + "\n")
    if asked.markdown is not None:
        rewrite(asked.markdown, found, told)
    return 0


def _ends(number: int, _frame: FrameType | None) -> None:
    """Ended from outside, what was started and made is put away all the same."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _ends)
    sys.exit(main(sys.argv[1:]))
