"""Steps a second of the simulation, on one core, and what a step is made of."""

import resource
import tempfile
from collections import Counter
from pathlib import Path

from tests.bench.report import Table, Wanted
from tests.simulation.acting import story
from tests.simulation.asked import Asked, Told
from tests.simulation.running import in_memory, prepare, simulate

SEEDS = 3
ACTS = 40
TARGET_A_SECOND = 167
"""100,000 steps in five minutes on two cores."""

TITLE = "The simulation: {seeds} seed(s) of {acts} acts, in one process"
STEP = (
    "a step is one thing that the seed orders: a transaction of a service, a request that the forge "
    "answered, a message settled, a push, an act of people or of the weather"
)
BY_PROCESSOR = "by seconds of the processor, those of git included; on a busy machine more pass"


def main(wanted: Wanted) -> list[Table]:
    """Some seeds, one after the other."""
    seeds = wanted.times(SEEDS)
    with in_memory() as place, tempfile.TemporaryDirectory(dir=place) as folder:
        template = prepare(Path(folder) / "template")
        before = _used_s()
        told = [
            simulate(Asked(str(seed), story(str(seed), ACTS)), template) for seed in range(seeds)
        ]
        seconds = _used_s() - before
    return [_table(told, seconds)]


def _table(told: list[Told], seconds: float) -> Table:
    kinds: Counter[str] = Counter()
    for each in told:
        kinds.update(each.kinds)
    steps = sum(each.steps for each in told)
    return Table(
        TITLE.format(seeds=len(told), acts=ACTS),
        ("figure", "value", "target"),
        [
            ("steps a second of one core", round(steps / seconds, 1), TARGET_A_SECOND),
            ("steps", steps, None),
            *((f"of them: {kind}", count, None) for kind, count in kinds.most_common()),
            ("virtual seconds", round(sum(each.virtual_s for each in told)), None),
            ("seeds that failed", sum(bool(each.failure) for each in told), 0),
        ],
        (STEP, BY_PROCESSOR),
    )


def _used_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
