"""What agents of a simulation think: made by the seed, from the run and its generation.

So leaving out an action of people's does not change what agents do elsewhere. Every draft names its
run and generation in its content: whoever looks at the forge can tell where it came from.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from uuid import UUID

from shared.agents import Tools
from shared.clock import Clock
from shared.errors import TryLater
from shared.git.commits import Person, Signers, make_commit
from shared.git.merging import Conflict, is_ancestor, merge
from shared.git.mirror import Mirror
from shared.git.runner import Git
from shared.git.snapshot import TooLarge, bundle
from shared.messages.content import (
    CauseKind,
    Finding,
    Proposal,
    RunEnd,
    TestsReport,
    Usage,
    Verdict,
)
from shared.messages.draft import ChangeProposed, IssuesProposed, ReviewProposed
from shared.messages.ids import proposal_id
from shared.messages.work import (
    ImplementationRequested,
    ProposalsRequested,
    ReviewRequested,
    RevisionRequested,
    WorkRequest,
)
from shared.runs import Drafted, Ended, LiveRun
from tests.simulation.ground import FILES

MADE = "run {run} generation {generation}"
_DRAFTER = Person("Draft", "draft@gatefleet.invalid")
AUTHOR = Signers(_DRAFTER, _DRAFTER)


@dataclass(frozen=True)
class Spent:
    """What an agent really used."""

    at: datetime
    run: UUID
    generation: int
    approval: UUID | None
    money_micros: int
    allowed_micros: int


@dataclass
class Mind:
    """What decides in an agent's place."""

    seed: str
    clock: Clock
    spend: Callable[[Spent], None]
    is_calm: Callable[[], bool]
    """At the end nobody dawdles and nobody fails."""
    _used: Counter[tuple[UUID, int]] = field(default_factory=Counter)
    """By a generation of a run, however often it is tried: its model is asked on one account."""

    def of(self, request: WorkRequest) -> Random:
        """Chance for one generation of a run."""
        return Random(f"{self.seed} {request.run} {request.generation}")

    async def work(self, live: LiveRun, chance: Random) -> Ended | None:
        """Take some time and some money; perhaps that is all that comes of it."""
        request = live.request
        for _ in range(chance.choice((1, 1, 2, 3))):
            await live.progress(
                "working", MADE.format(run=request.run, generation=request.generation)
            )
            slow = (
                0.0 if self.is_calm() else chance.choice((0.0, 0.2, 1.0, 1.0, 4.0, 4.0, 15.0, 40.0))
            )
            await asyncio.sleep(slow)
        share = chance.choice((0.0, 0.1, 0.5, 1.0))
        approval = getattr(request, "approval", None)
        allowed, mine = request.limits.money_micros, (request.run, request.generation)
        used = min(int(allowed * share), allowed - self._used[mine])
        self._used[mine] += used
        self.spend(Spent(self.clock.now(), *mine, approval, used, allowed))
        live.usage = Usage(calls=1, money_micros=self._used[mine], known=chance.random() < 0.9)
        if self.is_calm():
            return None
        match chance.choices(("draft", "declined", "nothing", "again", "crash"), (80, 5, 3, 8, 4))[
            0
        ]:
            case "again":
                raise TryLater("the simulated engine is busy")
            case "crash":
                raise RuntimeError("the simulated engine broke")
            case "declined":
                return Ended(RunEnd.DECLINED, "it does not want to", live.usage)
            case "nothing":
                return Ended(RunEnd.NOTHING_TO_CHANGE, "it is fine as it is", live.usage)
        return None


async def propose(live: LiveRun, mind: Mind, tools: Tools) -> Drafted | Ended:
    """Some of a few things that could be proposed."""
    request = live.request
    assert isinstance(request, ProposalsRequested)
    chance = mind.of(request)
    if (ended := await mind.work(live, chance)) is not None:
        return ended
    known = {each.proposal: each for each in request.known}
    made: list[Proposal] = []
    for number in chance.sample(range(12), 4):
        identity = proposal_id(request.repo.id, "simulation", str(number), [])
        if identity not in known and len(made) < request.quota:
            made.append(Proposal(
                proposal=identity, content=f"content {number}", title=f"Mend thing {number}",
                why="It is broken.", criteria=("it works",), evidence="none", size="small",
                priority="low", finder="lint", paths=(f"part_{number % FILES}.txt",),
            ))  # fmt: skip
    draft = IssuesProposed(
        repo=request.repo, run=request.run, generation=request.generation, proposals=tuple(made)
    )
    return Drafted(draft, f"{len(made)} proposals", live.usage)


async def change(live: LiveRun, mind: Mind, tools: Tools) -> Drafted | Ended:
    """A change of one file that names its run and generation."""
    request = live.request
    assert isinstance(request, ImplementationRequested | RevisionRequested)
    chance = mind.of(request)
    mirror = tools.mirror(request.repo)
    await mirror.fetch()
    if (ended := await mind.work(live, chance)) is not None:
        return ended
    base = request.head if isinstance(request, RevisionRequested) else request.base_sha
    for sha in {base, request.base_sha}:
        if not await mirror.has(sha):
            return Ended(RunEnd.DECLINED, "its base is gone", live.usage)
    merges = None
    tree = base
    if isinstance(request, RevisionRequested) and request.cause.kind is CauseKind.CONFLICT:
        merges = request.base_sha
        if await is_ancestor(mirror.git_dir, merges, base):
            return Ended(RunEnd.NOTHING_TO_CHANGE, "merged already", live.usage)
        merged = await merge(mirror.git_dir, base, merges)
        tree = merged.marked_tree if isinstance(merged, Conflict) else merged.tree
    at = mind.clock.now()
    name = f"part_{request.issue % FILES}.txt"
    if chance.random() < 0.08 and not mind.is_calm():
        name = ".gatefleet.yml"  # nobody asked for that
    text = MADE.format(run=request.run, generation=request.generation) + "\n"
    made = await _tree_with(mirror, tree, name, text)
    commit = await make_commit(mirror.git_dir, made, [base], message="Draft\n", at=at, by=AUTHOR)
    packed = await bundle(mirror.git_dir, base, commit, limit_bytes=request.limits.bundle_bytes)
    assert not isinstance(packed, TooLarge)
    draft = ChangeProposed(
        repo=request.repo, run=request.run, generation=request.generation, issue=request.issue,
        approval=request.approval, base=base, merges=merges, bundle=packed, at=at,
        summary=text.strip(),
    )  # fmt: skip
    return Drafted(draft, draft.summary, live.usage)


async def _tree_with(mirror: Mirror, treeish: str, name: str, text: str) -> str:
    git = Git(mirror.git_dir)
    blob = (await git.run("hash-object", "-w", "--stdin", input=text.encode())).decode().strip()
    lines = (await git.run("ls-tree", treeish)).decode().splitlines()
    kept = [line for line in lines if not line.endswith(f"\t{name}")]
    listing = "\n".join([*kept, f"100644 blob {blob}\t{name}"]) + "\n"
    return (await git.run("mktree", input=listing.encode())).decode().strip()


async def review(live: LiveRun, mind: Mind, tools: Tools) -> Drafted | Ended:
    """A verdict."""
    request = live.request
    assert isinstance(request, ReviewRequested)
    chance = mind.of(request)
    mirror = tools.mirror(request.repo)
    await mirror.fetch()
    if (ended := await mind.work(live, chance)) is not None:
        return ended
    for sha in (request.head, request.tip):
        if not await mirror.has(sha):
            return Ended(RunEnd.DECLINED, "its head is gone", live.usage)
    verdict = chance.choices((Verdict.PASS, Verdict.CHANGES, Verdict.FAIL), (60, 35, 5))[0]
    if isinstance(await merge(mirror.git_dir, request.head, request.tip), Conflict):
        verdict = Verdict.CHANGES
    good = verdict is Verdict.PASS
    words = MADE.format(run=request.run, generation=request.generation)
    findings = () if good else (Finding(source="criteria", text=words),)
    draft = ReviewProposed(
        repo=request.repo, run=request.run, generation=request.generation, issue=request.issue,
        pull_request=request.pull_request, head=request.head, tip=request.tip,
        policy_digest=request.policy_digest, verdict=verdict, findings=findings,
        tests=TestsReport(ran=True, ok=good, passed=1, summary=words),
    )  # fmt: skip
    return Drafted(draft, verdict.value, live.usage)
