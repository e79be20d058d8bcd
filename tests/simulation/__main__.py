"""`make simulate SEEDS=1..50`: simulates each seed, and tells the shortest story of one that fails.

The same seed is the same story in every process: it runs with a fixed hash seed, which it sets itself.
"""

import argparse
import gc
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.simulation.acting import Act, story
from tests.simulation.asked import Asked, Told
from tests.simulation.running import in_memory, prepare, simulate
from tests.simulation.shrinking import shrink

ACTS = 40
AGAIN = "python -m tests.simulation SEEDS={seed} STEPS={acts}{rebuild}"
OK = "seed {seed}: {steps} steps, {seconds:.0f} s"
FAILED = "seed {seed}: {failure}\n  the shortest story that fails so ({count} of {acts} acts):"
SUM = "{seeds} seed(s), {steps} steps in {seconds:.0f} s: {rate:.0f} a second; {failed} failed"
FIXED = "0"
"""Of PYTHONHASHSEED: the order of sets is a part of the story."""


def main(arguments: list[str]) -> int:
    """Simulate; the exit code is 1 where a seed failed."""
    asked = _read(arguments)
    _same_everywhere()
    began = time.monotonic()
    with in_memory() as folder:
        template = prepare(folder / "template")
        one = partial(_one, acts=asked.steps, rebuilds=asked.rebuild, template=template)
        with ProcessPoolExecutor(asked.workers, initializer=_calm_memory) as pool:
            told = list(pool.map(one, asked.seeds))
        failed = [each for each in told if each.failure]
        for each in failed:
            _tell(each, asked, template)
    seconds = time.monotonic() - began
    steps = sum(each.steps for each in told)
    print(SUM.format(seeds=len(told), steps=steps, seconds=seconds, rate=steps / seconds,
                     failed=len(failed)))  # fmt: skip
    return 1 if failed else 0


def _one(seed: str, *, acts: int, rebuilds: bool, template: Path) -> Told:
    began = time.monotonic()
    told = simulate(Asked(seed, story(seed, acts), rebuilds=rebuilds), template)
    line = OK.format(seed=seed, steps=told.steps, seconds=time.monotonic() - began)
    print(f"seed {seed}: {told.failure}" if told.failure else line, flush=True)
    return told


def _tell(told: Told, asked: argparse.Namespace, template: Path) -> None:
    acts = story(told.seed, asked.steps)[: told.acts]

    def fails(shorter: Sequence[Act]) -> str:
        return simulate(Asked(told.seed, shorter, rebuilds=asked.rebuild), template).failure

    shortest = shrink(acts, told.failure, fails)
    lines: list[str] = []
    simulate(Asked(told.seed, shortest, rebuilds=asked.rebuild, trace=lines.append), template)
    print(FAILED.format(seed=told.seed, failure=told.failure, count=len(shortest), acts=len(acts)))
    print("\n".join(f"    {line}" for line in lines))
    rebuild = " REBUILD=1" if asked.rebuild else ""
    print("  again: " + AGAIN.format(seed=told.seed, acts=asked.steps, rebuild=rebuild))


def _read(arguments: list[str]) -> argparse.Namespace:
    """`SEEDS=1..50 STEPS=40 WORKERS=2 REBUILD=1`, in any order."""
    given = dict(each.partition("=")[::2] for each in arguments)
    unknown = given.keys() - {"SEEDS", "STEPS", "WORKERS", "REBUILD"}
    if unknown:
        raise SystemExit(f"{', '.join(sorted(unknown))}: unknown; SEEDS, STEPS, WORKERS, REBUILD")
    first, _, last = (given.get("SEEDS") or "1..20").partition("..")
    seeds = [str(n) for n in range(int(first), int(last or first) + 1)]
    return argparse.Namespace(
        seeds=seeds, steps=int(given.get("STEPS") or ACTS),
        workers=int(given.get("WORKERS") or 2), rebuild=bool(given.get("REBUILD")),
    )  # fmt: skip


def _same_everywhere() -> None:
    if os.environ.get("PYTHONHASHSEED") != FIXED:
        os.environ["PYTHONHASHSEED"] = FIXED
        os.execv(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]])


def _calm_memory() -> None:
    """Nothing that was imported is garbage; looking for it costs a tenth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
