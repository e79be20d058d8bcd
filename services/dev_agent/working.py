"""dev-agent's work on one run: fetch, export, test the base, set up, let the engine work, draft.

Everything that runs code of the repository or of the engine runs in the sandbox; no credential is
there. Scope of a merge is left to the gatekeeper: what the base brought is not the engine's doing.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from services.dev_agent.asking import task
from services.dev_agent.base_tests import said_of_base
from services.dev_agent.drafting import Bounds, Worked, draft, taken
from services.dev_agent.starting import Request, Start, begins_here, starting_point
from services.dev_agent.telling import told
from services.dev_agent.tools import Tools
from shared.checkers import NotRun, TestRun
from shared.engines import EngineResult, Task
from shared.errors import BadInput
from shared.git.export import Exported, export
from shared.git.mirror import Mirror
from shared.messages.content import Brief, RunEnd, Usage
from shared.messages.draft import ChangeProposed
from shared.messages.work import ImplementationRequested, RevisionRequested
from shared.policy import Policy, load
from shared.runs import Drafted, Ended, LiveRun
from shared.snapshot import BriefError, read_brief
from shared.workspaces import missing_parts, remove, set_up, tested, workspace

FETCHING = "fetching {repo}"
EXPORTED = "{count} files of {sha} are ready to work on"
SETTING_UP = "running {count} setup command(s)"
ON_BASE = "running the tests on the base, {sha}"
WORKING = "{engine} works on it, round {round}"
DRAFTING = "looking at what changed"
MERGES_CLEANLY = "the base merges cleanly now"
NOT_OURS = "{topic}: not work for dev-agent"

LATE = frozenset({"timed_out", "idle"})
"""Ends of an engine after which another try may end otherwise."""


@dataclass(frozen=True)
class Job:
    """One run's request, with all that was read from it, and the tools for it."""

    live: LiveRun
    request: Request
    policy: Policy
    brief: Brief
    tools: Tools
    mirror: Mirror


async def work(live: LiveRun, tools: Tools) -> Drafted | Ended:
    """Carry out one run. TryLater when the repository cannot be fetched."""
    request = live.request
    if not isinstance(request, ImplementationRequested | RevisionRequested):
        raise BadInput(NOT_OURS.format(topic=request.topic))
    brief = read_brief(request.snapshot.body)
    if isinstance(brief, BriefError):
        return Ended(RunEnd.DECLINED, brief.text)
    mirror = tools.mirror(request.repo)
    job = Job(live, request, load(request.policy), brief, tools, mirror)
    if not await begins_here(mirror, request):  # a fetch takes longer than all else before the work
        await live.progress("fetching", FETCHING.format(repo=request.repo))
        await mirror.fetch()
    start = await starting_point(mirror, request)
    if isinstance(start, Ended):
        return start
    async with workspace(tools.scratch, request) as folder:
        end = await _in(folder, job, start)
    return Ended(end.end, _line(end.reason), live.usage) if isinstance(end, Ended) else end


async def _in(folder: Path, job: Job, start: Start) -> Drafted | Ended:
    tree = folder / "tree"
    exported = await export(job.mirror.git_dir, start.tree, tree)
    await _say_what_is_there(job, start, exported)
    if start.merges and not start.conflicts:
        return await _drafted(job, Worked(tree, start, None, MERGES_CLEANLY))
    wanted = task(job.request, job.brief, start, exported.files)
    if isinstance(wanted, str):
        return Ended(RunEnd.DECLINED, wanted)
    await _say_how_the_base_stands(folder / "base", job, start)
    prepared = None
    if job.policy.setup:
        words = SETTING_UP.format(count=len(job.policy.setup))
        await job.live.progress("setting up", words)
        if (why := await set_up(job.tools.sandbox, tree, job.policy)) is not None:
            return Ended(RunEnd.DECLINED, why)
        prepared = await taken(job.mirror.git_dir, tree, start)
    result = await _engine(job, tree, wanted)
    if result.end != "done":
        end = RunEnd.TIMED_OUT if result.end in LATE else RunEnd.DECLINED
        return Ended(end, result.reason)
    return await _drafted(job, Worked(tree, start, prepared, result.reason))


async def _say_what_is_there(job: Job, start: Start, exported: Exported) -> None:
    if job.tools.sandbox.name == "process":
        await job.live.progress("sandbox", job.tools.sandbox.isolation)
    count = len(exported.files)
    await job.live.progress("exported", EXPORTED.format(count=count, sha=start.base[:12]))
    if missing := missing_parts(exported):
        await job.live.progress("exported", missing)


async def _say_how_the_base_stands(folder: Path, job: Job, start: Start) -> None:
    """Before the work, so that nobody takes what was red for the engine's doing.

    Of later rounds and of issues that name red tests themselves it is known; there it would only
    cost time.
    """
    request = job.request
    if isinstance(request, RevisionRequested) or job.brief.tests:
        return

    async def run() -> TestRun | NotRun:
        await job.live.progress("base", ON_BASE.format(sha=start.base[:12]))
        git_dir, sandbox = job.mirror.git_dir, job.tools.sandbox
        done = await tested(git_dir, start.base, folder, policy=job.policy, sandbox=sandbox)
        await asyncio.to_thread(remove, folder)
        return done.run

    key = (request.repo.id, start.base, request.policy_digest)
    if line := said_of_base(await job.tools.bases.of(key, run)):
        await job.live.progress("base", _line(line))


async def _engine(job: Job, tree: Path, wanted: Task) -> EngineResult:
    settings = job.policy.engines.dev
    engine = job.tools.engine(settings)
    began = job.live.now()
    await job.live.progress("working", WORKING.format(engine=engine.name, round=wanted.round))
    async with told(job.live, "working") as tell:
        result = await engine.work(
            wanted,
            sandbox=job.tools.sandbox,
            workspace=tree,
            timeout=settings.timeout,
            on_progress=tell,
        )
    used = result.usage
    job.live.usage = Usage(
        calls=used.calls,
        tokens_in=used.tokens_in,
        tokens_out=used.tokens_out,
        money_micros=used.money_micros,
        seconds=(job.live.now() - began).total_seconds(),
    )
    return result


async def _drafted(job: Job, worked: Worked) -> Drafted | Ended:
    await job.live.progress("drafting", DRAFTING)
    request, at = job.request, job.live.now()
    bounds = Bounds(job.policy, job.brief, request.limits.bundle_bytes)
    made = await draft(job.mirror.git_dir, worked, bounds, at=at)
    if isinstance(made, Ended):
        return made
    change = ChangeProposed(
        repo=request.repo,
        run=request.run,
        generation=request.generation,
        issue=request.issue,
        approval=request.approval,
        base=worked.start.base,
        merges=worked.start.merges,
        bundle=made.bundle,
        at=at,
        summary=_line(made.summary),
    )
    return Drafted(change, change.summary, job.live.usage)


def _line(text: str) -> str:
    """One line of at most 500 characters."""
    return " ".join(text.split())[:500]
