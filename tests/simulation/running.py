"""One simulation from its start to its end, in a folder and a loop of its own."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import structlog

from tests.simulation.asked import Asked, Told
from tests.simulation.ground import make_source
from tests.simulation.loop import SimulatedLoop
from tests.simulation.processes import Processes
from tests.simulation.watching import Violation
from tests.simulation.world import World


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder for everything temporary, on a disk in memory where there is one: nothing is kept."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory(prefix="simulation-", dir=memory) as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before[0]
            os.environ.pop("TMPDIR")
            if before[1] is not None:
                os.environ["TMPDIR"] = before[1]


def prepare(folder: Path) -> Path:
    """A template: a forge that was seeded, and databases with their tables."""
    make_source(folder / "source")
    processes = Processes()
    loop = SimulatedLoop(Random(0), processes)
    world = World(Asked("template", ()), loop, processes)

    async def make() -> None:
        await world.open(folder)
        await world.lives.prepare_all()
        await world.close()

    loop.run_until_complete(make())
    return folder


def simulate(asked: Asked, template: Path | None = None) -> Told:
    """One simulation from its start to its end."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulation-")))
        if template is None:
            template = prepare(place / "template")
        processes = Processes()
        loop = SimulatedLoop(Random(f"{asked.seed} loop"), processes)
        world = World(asked, loop, processes)
        structlog.configure(processors=[_quiet])
        try:
            loop.run_until_complete(world.run(template, place / "run"))
        except Violation as error:
            world.told.failure = str(error)
        finally:
            structlog.reset_defaults()
            loop.close()
        return world.told


def _quiet(_logger: object, _name: str, _event: object) -> str:
    raise structlog.DropEvent
