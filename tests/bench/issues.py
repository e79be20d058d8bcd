"""What the loop adds to one issue, measured one issue at a time on one fleet, in this process.

A step's seconds are split by what ran: while a program that the product had started was running
(git, the engine, tests, linters), the time is that program's; all the rest is the loop's own: bus,
stores, the forge's REST, webhooks, Python in between.
"""

import asyncio
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from shared.messages.draft import RunProgressed
from shared.messages.gate import IssueApproved, PullRequestClosed, PullRequestEvaluated
from shared.messages.work import ImplementationRequested, IssueParked
from tests.bench.children import Child, WatchingLoop, covered, watched
from tests.bench.quick_fleet import NAME, OWNER, Standing, issue, standing
from tests.bench.report import Table, Value, Wanted, high, middle
from tests.bench.steps import APPROVED, CLOSED, PERSON, READY, Step, steps

WHOLE_WAY, APPROVALS = 4, 20
"""Issues that go the whole way to a merge, and approvals altogether: the rest find nothing to mend."""

TARGET_S = 2.0

STEPS = "What the loop adds to one issue, {count} issue(s) one at a time ({sandbox} sandbox)"
LATENCY = "From a person's label to an agent at work, {count} approvals on one fleet"
COST = "What one merged issue costs the forge and the bus, {count} issue(s)"
SPLIT = (
    "programs: while git, the engine, tests or linters ran; the loop: all the rest. Target: the "
    "loop's sum under {target:g} s an issue"
)
BETWEEN = "the person's own time between an open gate 2 and the merge is left out"
COUNTED = "REST calls of everybody, polls and the person's three writes included; from the label on"
STARTED = "the engine's start: when the sandbox is asked to run it"


@dataclass(frozen=True)
class Merged:
    """One issue that went the whole way."""

    steps: list[Step]
    calls: Counter[str]
    writes: int
    messages: int
    cpu_s: float
    """Of this process: the fleet, the forge and what measures them; no program's."""


@dataclass(frozen=True)
class Approval:
    """Seconds from the label to each moment."""

    approved: float
    requested: float
    picked_up: float
    engine: float


@dataclass(frozen=True)
class Measured:
    """All that one fleet showed."""

    sandbox: str
    merged: list[Merged]
    approvals: list[Approval]
    children: list[Child]


def main(wanted: Wanted) -> list[Table]:
    """`--runs` is the number of issues that go the whole way."""
    whole = wanted.times(WHOLE_WAY)
    with (
        tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder,
        asyncio.Runner(loop_factory=WatchingLoop) as runner,
    ):
        found = runner.run(_measure(Path(folder), whole, max(APPROVALS - whole, 0)))
    return [_split(found), _cost(found), _latency(found)]


async def _measure(folder: Path, whole: int, more: int) -> Measured:
    merged: list[Merged] = []
    approvals: list[Approval] = []
    async with standing(folder, faulty=whole, clean=more) as at:
        opened = [await at.post("/issues", issue(number)) for number in range(whole + more)]
        await at.read()
        for number, each in enumerate(opened):
            reached = int(str(each["number"]))
            if number < whole:
                approval, way = await _whole_way(at, reached)
                merged.append(way)
            else:
                approval = await _nothing_to_mend(at, reached)
            approvals.append(approval)
        children = watched(asyncio.get_running_loop())
        return Measured(at.sandbox.name, merged, approvals, list(children))


async def _whole_way(at: Standing, number: int) -> tuple[Approval, Merged]:
    calls, writes, said = at.requests(), at.writes(), len(at.events)
    cpu_began = time.process_time()
    story = f"{OWNER}/{NAME}#{number}"
    began = await _approve(at, number)
    ready = await at.until(
        lambda e: (
            e.topic == PullRequestEvaluated.topic and e.correlation == story and e.body["open"]
        ),
        after=began,
    )
    approval = _approval(at, story, began)
    pull = f"/pulls/{ready.body['pull_request']}"
    await at.settled()
    pressed = time.perf_counter()
    await at.post(f"{pull}/reviews", {"event": "APPROVE", "commit_id": ready.body["head"]})
    await at.post(f"{pull}/merge", {}, method="PUT")
    await at.until(
        lambda e: e.topic == PullRequestClosed.topic and e.correlation == story, after=pressed
    )
    await at.settled()
    found = _with_person(steps([e for e in at.events if e.correlation == story]), began, pressed)
    return approval, Merged(
        steps=found,
        calls=at.requests() - calls,
        writes=at.writes() - writes,
        messages=len(at.events) - said,
        cpu_s=time.process_time() - cpu_began,
    )


async def _nothing_to_mend(at: Standing, number: int) -> Approval:
    story = f"{OWNER}/{NAME}#{number}"
    began = await _approve(at, number)
    await at.until(lambda e: e.topic == IssueParked.topic and e.correlation == story, after=began)
    await at.settled()
    return _approval(at, story, began)


async def _approve(at: Standing, number: int) -> float:
    began = time.perf_counter()
    await at.post(f"/issues/{number}/labels", ["approved"])
    return began


def _approval(at: Standing, story: str, began: float) -> Approval:
    def first(topic: str) -> float:
        return next(
            e.at for e in at.events if e.topic == topic and e.correlation == story and e.at > began
        )

    engine = next(t for t, who in at.sandbox.asked if t > began and "/dev-agent/" in who)
    moments = (first(IssueApproved.topic), first(ImplementationRequested.topic),
               first(RunProgressed.topic), engine)  # fmt: skip
    return Approval(*(moment - began for moment in moments))


def _with_person(found: list[Step], labelled: float, pressed: float) -> list[Step]:
    """The label's own step in front; of the last one, only what came after the person's press."""
    first, last = found[0], found[-1]
    assert last.name == f"{READY} → {CLOSED}", last.name
    return [
        Step(f"label → {APPROVED}", labelled, first.began),
        *found[:-1],
        Step(f"{PERSON} → {CLOSED}", pressed, last.ended),
    ]


def _split(found: Measured) -> Table:
    own: dict[str, list[float]] = defaultdict(list)
    programs: dict[str, list[float]] = defaultdict(list)
    sums: list[tuple[float, float]] = []
    for issue_ in found.merged:
        split = [(step, covered(found.children, step.began, step.ended)) for step in issue_.steps]
        for step, theirs in split:
            own[step.name].append(step.seconds - theirs)
            programs[step.name].append(theirs)
        theirs = sum(seconds for _, seconds in split)
        sums.append((sum(step.seconds for step in issue_.steps) - theirs, theirs))

    def row(name: str, mine: list[float], theirs: list[float]) -> tuple[Value, ...]:
        return name, middle(mine), high(mine), middle(theirs), len(mine)

    rows = [row(name, own[name], programs[name]) for name in own]
    rows.append(row("sum per issue", [mine for mine, _ in sums], [theirs for _, theirs in sums]))
    return Table(
        STEPS.format(count=len(found.merged), sandbox=found.sandbox),
        ("step", "loop median s", "loop p95 s", "programs median s", "times"),
        rows,
        (SPLIT.format(target=TARGET_S), BETWEEN),
    )


def _cost(found: Measured) -> Table:
    calls = [float(sum(each.calls.values())) for each in found.merged]
    rows: list[tuple[Value, ...]] = [
        ("CPU seconds of fleet and forge", middle([each.cpu_s for each in found.merged])),
        ("messages", middle([float(each.messages) for each in found.merged], 1)),
        ("REST calls", middle(calls, 1)),
        (
            "writes of the fleet, pushes included",
            middle([float(m.writes) for m in found.merged], 1),
        ),
    ]
    total: Counter[str] = Counter()
    for each in found.merged:
        total += each.calls
    rows += [(f"  {name}", count / len(found.merged)) for name, count in total.most_common(8)]
    return Table(COST.format(count=len(found.merged)), ("figure", "per issue"), rows, (COUNTED,))


def _latency(found: Measured) -> Table:
    names = {
        "label → approved": [each.approved for each in found.approvals],
        "label → work requested": [each.requested for each in found.approvals],
        "label → picked up (first progress)": [each.picked_up for each in found.approvals],
        "label → the engine's start": [each.engine for each in found.approvals],
    }
    return Table(
        LATENCY.format(count=len(found.approvals)),
        ("from → to", "median s", "p95 s"),
        [(name, middle(values), high(values)) for name, values in names.items()],
        (STARTED,),
    )
