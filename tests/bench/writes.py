"""Writes to the forge for one merged issue with one round of changes, counted from local-forge's log."""

import asyncio
import re
import tempfile
from collections import Counter
from pathlib import Path

import structlog

from tests.bench.report import Table, Wanted
from tests.gatekeeper.acting import Acting
from tests.gatekeeper.desks import world
from tests.gatekeeper.story import Story

TITLE = "Writes to the forge per merged issue (one round of changes), from local-forge's log"
COLUMNS = ("what", "times", "target")
COMMENTS_PER_ISSUE, ROUNDS = 3, 1
TOLD = "comments: new comments and reviews; one that is edited in place notifies nobody"
_NUMBERS = re.compile(r"(?<=/)(\d+|[0-9a-f]{40})(?=/|$)|(?<=refs/heads/).*|(?<=labels/).*")


def main(wanted: Wanted) -> list[Table]:
    """Deterministic: once is enough, whatever was asked for."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder:
        written = asyncio.run(_lived(Path(folder)))
    kinds = Counter(_NUMBERS.sub("…", each) for each in written)
    told = sum(
        each.startswith("POST") and each.endswith(("/comments", "/reviews")) for each in written
    )
    rows = [("comments", told, COMMENTS_PER_ISSUE + ROUNDS), ("all writes", len(written), None)]
    return [
        Table(TITLE, COLUMNS, [*rows, *((k, n, None) for k, n in sorted(kinds.items()))], (TOLD,))
    ]


async def _lived(folder: Path) -> list[str]:
    """What the fleet wrote from the proposal to the merge."""
    async with world(folder) as made:
        story = Story(Acting(made))
        await story.act.see_repository()
        for step in story.steps():
            await step()
        return made.writes()
