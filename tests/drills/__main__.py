"""Every point, one story each, for a night: `python -m tests.drills [--bus URL] [--part 1/4] [NAME …]`.

Without names every point of an undisturbed story is struck once, at its first passing. Says how
many there are, how long it took until work went on, and what did not end well; exit 1 if anything.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.drills.points import passed, resumed
from tests.drills.process import Nursery, nursery
from tests.drills.stage import stage
from tests.drills.truth import assert_no_orphans, assert_once

FOUND = "{count} points, {kinds} of them struck here"
RESUMED = "work went on after: median {median:.2f} s, p95 {high:.2f} s, longest {longest:.2f} s"
WRONG = "{point}: {error}"
NEVER = "{point}: was not passed this time"


@dataclass
class Night:
    """What came of all stories."""

    bus: str
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def story(self, lives: Nursery, folder: Path, point: str = "") -> set[str]:
        """One story, struck at `point`; returns the names of all points that it passed."""
        aims = {point: 1} if point else {}
        async with stage(folder, lives, aims, isolated=True, bus=self.bus) as at:
            stand = await at.until_rest()
            await at.end()
            await assert_no_orphans(at)
            await assert_once(at, stand)
            passings = passed(at.record)
        if at.aims:
            self.wrong.append(NEVER.format(point=point))
        self.seconds += resumed(passings).values()
        return {each.name for each in passings}

    async def whole(self, lives: Nursery, names: Sequence[str], part: tuple[int, int]) -> None:
        """All of them, or every so-manieth."""
        with tempfile.TemporaryDirectory(prefix="gatefleet-drill-") as folder:
            every = sorted(await self.story(lives, Path(folder)))
        chosen = list(names) or every[part[0] - 1 :: part[1]]
        print(FOUND.format(count=len(every), kinds=len(chosen)), flush=True)
        for point in chosen:
            with tempfile.TemporaryDirectory(prefix="gatefleet-drill-") as folder:
                try:
                    await self.story(lives, Path(folder), point)
                except (AssertionError, TimeoutError) as error:
                    self.wrong.append(WRONG.format(point=point, error=error))
                    print(self.wrong[-1], flush=True)


def main() -> int:
    """0 when every story ended well."""
    asked = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    asked.add_argument("--bus", default="memory://")
    asked.add_argument("--part", default="1/1", help="`2/4`: the second quarter of the points")
    asked.add_argument("names", nargs="*")
    given = asked.parse_args()
    this, _, of = given.part.partition("/")
    night = Night(given.bus)
    with nursery() as lives:
        asyncio.run(night.whole(lives, given.names, (int(this), int(of))))
    if night.seconds:
        ordered = sorted(night.seconds)
        high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        median = statistics.median(ordered)
        print(RESUMED.format(median=median, high=high, longest=ordered[-1]))
    for line in night.wrong:
        print(line)
    return 1 if night.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
