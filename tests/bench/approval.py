"""From a person's approval, told by webhook, to the sandbox that starts on it, one at a time."""

import asyncio
import tempfile
import time
from pathlib import Path

from shared.messages.gate import IssueApproved
from shared.messages.work import ImplementationRequested, IssueParked
from tests.bench.quick_fleet import NAME, OWNER, Standing, issue, standing
from tests.bench.report import Table, Value, Wanted, high, highest, middle

APPROVALS = 100
TARGET_MS = 250

TITLE = "Approval by webhook → sandbox started, {count} approvals on one fleet ({sandbox} sandbox)"
STARTS = (
    "sandbox started: when it is asked to run the first program of the run; git has made the work tree "
    "by then"
)
LABEL = "from the moment in which the forge has answered the person's label"


def main(wanted: Wanted) -> list[Table]:
    """`--runs` is the number of approvals."""
    with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder:
        return [asyncio.run(_measure(Path(folder), wanted.times(APPROVALS)))]


async def _measure(folder: Path, count: int) -> Table:
    marks: dict[str, list[float]] = {"approved": [], "requested": [], "sandbox started": []}
    async with standing(folder, faulty=0, clean=count) as at:
        opened = [await at.post("/issues", issue(number)) for number in range(count)]
        await at.read()
        for each in opened:
            approved, requested, started = await _approve(at, int(str(each["number"])))
            marks["approved"].append(approved)
            marks["requested"].append(requested)
            marks["sandbox started"].append(started)
        name = at.sandbox.name
    rows: list[tuple[Value, ...]] = [
        (f"→ {what}", middle(ms, 1), high(ms, 1), highest(ms, 1),
         TARGET_MS if what == "sandbox started" else None)
        for what, ms in marks.items()
    ]  # fmt: skip
    return Table(
        TITLE.format(count=count, sandbox=name),
        ("label →", "median ms", "p95 ms", "p99 ms", "target p99"),
        rows, (LABEL, STARTS),
    )  # fmt: skip


async def _approve(at: Standing, number: int) -> tuple[float, float, float]:
    story = f"{OWNER}/{NAME}#{number}"
    await at.post(f"/issues/{number}/labels", ["approved"])
    began = time.perf_counter()
    await at.until(lambda e: e.topic == IssueParked.topic and e.correlation == story, after=began)
    await at.settled()

    def first(topic: str) -> float:
        return next(e.at for e in at.events if e.topic == topic and e.correlation == story)

    started = next(
        moment for moment, who in at.sandbox.asked if moment > began and "/dev-agent/" in who
    )
    moments = (first(IssueApproved.topic), first(ImplementationRequested.topic), started)
    approved, requested, sandbox = ((moment - began) * 1000 for moment in moments)
    return approved, requested, sandbox
