"""qa-agent's work on one run: merge head and base, test and lint both, judge.

What tests print is a claim of code that nobody trusts; the verdict rests on reports that the
supervisor asked for, on git's own diff, and on the policy that the request carries.
"""

from dataclasses import dataclass
from pathlib import Path

from services.qa_agent.gathering import Evidence
from services.qa_agent.judging import Judged, judge, judge_conflict
from services.qa_agent.linting import Landing, linted
from services.qa_agent.reporting import evidence_of, not_run
from shared.agents import Tools
from shared.errors import BadInput
from shared.git.changes import Diff
from shared.git.diff import changed
from shared.git.merging import Conflict, merge, merge_base
from shared.git.mirror import Mirror
from shared.messages.content import Brief, RunEnd, TestsReport, Usage
from shared.messages.draft import ReviewProposed
from shared.messages.work import ReviewRequested
from shared.policy import Policy, load
from shared.runs import Drafted, Ended, LiveRun
from shared.snapshot import BriefError, read_brief
from shared.workspaces import Tested, missing_parts, tested, workspace

FETCHING = "fetching {repo}"
LINTING = "linting the changed files, with the base's configuration"
ON_BASE = "running the tests on the base, {sha}"
ON_MERGE = "running the tests on the merge of {head} and {tip}"
UNKNOWN = "commit {sha} is not in {repo}; its branch was rewritten or deleted"
STALE = "{head} is the head of no branch of {repo} any more; a newer one is judged instead"
UNRELATED = "{head} and the base {tip} have no history in common; start the branch from the base"
NOT_MERGED = "the tests were not run, because the head conflicts with the base"
REASON = "{verdict}: {findings} finding(s); tests: {tests}"
NOT_OURS = "{topic}: not work for qa-agent"


@dataclass(frozen=True)
class Job:
    """One review's request, with all that was read from it, and the tools for it."""

    live: LiveRun
    request: ReviewRequested
    policy: Policy
    brief: Brief
    tools: Tools
    mirror: Mirror


async def work(live: LiveRun, tools: Tools) -> Drafted | Ended:
    """Carry out one review. TryLater when the repository cannot be fetched."""
    request = live.request
    if not isinstance(request, ReviewRequested):
        raise BadInput(NOT_OURS.format(topic=request.topic))
    brief = read_brief(request.snapshot.body)
    if isinstance(brief, BriefError):
        return Ended(RunEnd.DECLINED, brief.text)
    mirror = tools.mirror(request.repo)
    job = Job(live, request, load(request.policy), brief, tools, mirror)
    await live.progress("fetching", FETCHING.format(repo=request.repo))
    await mirror.fetch()
    if (why := await _unfit(job)) is not None:
        return Ended(RunEnd.DECLINED, why)
    began = live.now()
    start = await merge_base(mirror.git_dir, request.tip, request.head)
    if start is None:
        words = UNRELATED.format(head=request.head[:12], tip=request.tip[:12])
        return Ended(RunEnd.DECLINED, words)
    judged, report = await _judged(job, await changed(mirror.git_dir, start, request.head))
    live.usage = Usage(seconds=(live.now() - began).total_seconds())
    return _drafted(job, judged, report)


async def _unfit(job: Job) -> str | None:
    """Why this head and tip are not worth looking at, in words."""
    request, mirror = job.request, job.mirror
    for sha in (request.head, request.tip):
        if not await mirror.has(sha):
            return UNKNOWN.format(sha=sha[:12], repo=request.repo)
    if request.head not in (await mirror.branches()).values():
        return STALE.format(head=request.head[:12], repo=request.repo)
    return None


async def _judged(job: Job, diff: Diff) -> tuple[Judged, TestsReport]:
    request, git_dir = job.request, job.mirror.git_dir
    merged = await merge(git_dir, request.head, request.tip)
    if isinstance(merged, Conflict):
        return judge_conflict(merged.paths, request.tip, diff), not_run(NOT_MERGED)
    landing = Landing(git_dir, request.tip, await changed(git_dir, request.tip, merged.tree))
    async with workspace(job.tools.scratch, request) as folder:
        evidence = await _gathered(job, diff, landing, merged.tree, folder)
    return judge(evidence), evidence.tests.report


async def _gathered(job: Job, diff: Diff, landing: Landing, tree: str, folder: Path) -> Evidence:
    live, request, sandbox = job.live, job.request, job.tools.sandbox
    head, tip = request.head[:12], request.tip[:12]
    if sandbox.name == "process":
        await live.progress("sandbox", sandbox.isolation)
    await live.progress("linting", LINTING)
    lint = await linted(landing, job.brief, sandbox=sandbox, folder=folder / "lint")
    await live.progress("testing", ON_BASE.format(sha=tip))
    base = await _tested(job, request.tip, folder / "base")
    if missing := missing_parts(base.exported):
        await live.progress("testing", missing)
    await live.progress("testing", ON_MERGE.format(head=head, tip=tip))
    now = await _tested(job, tree, folder / "merge")
    heads = {(file.path, file.new_blob) for file in diff.files}
    lands = {(file.path, file.new_blob) for file in landing.diff.files}
    return Evidence(
        diff=diff,
        policy=job.policy,
        brief=job.brief,
        tests=evidence_of(base.run, now.run, job.brief.tests),
        lint=lint,
        as_head=frozenset(path for path, _ in heads & lands),
    )


async def _tested(job: Job, treeish: str, folder: Path) -> Tested:
    sandbox = job.tools.sandbox
    return await tested(job.mirror.git_dir, treeish, folder, policy=job.policy, sandbox=sandbox)


def _drafted(job: Job, judged: Judged, report: TestsReport) -> Drafted:
    request = job.request
    review = ReviewProposed(
        repo=request.repo,
        run=request.run,
        generation=request.generation,
        issue=request.issue,
        pull_request=request.pull_request,
        head=request.head,
        tip=request.tip,
        policy_digest=request.policy_digest,
        verdict=judged.verdict,
        findings=judged.findings,
        tests=report,
    )
    reason = REASON.format(
        verdict=judged.verdict.value, findings=len(judged.findings), tests=report.summary
    )
    return Drafted(review, " ".join(reason.split())[:500], job.live.usage)
