"""A run of pm-agent from its request to its proposals."""

from dataclasses import dataclass
from pathlib import Path

from services.pm_agent.choosing import choose
from services.pm_agent.concluding import conclude, no_room, why_no_room
from services.pm_agent.focusing import focus_of
from services.pm_agent.looking import look
from shared.agents import Tools
from shared.errors import BadInput
from shared.git.export import Exported, export
from shared.messages.content import RunEnd
from shared.messages.work import ProposalsRequested
from shared.policy import load
from shared.runs import Drafted, Ended, LiveRun
from shared.sandbox import Sandbox
from shared.workspaces import missing_parts, set_up, workspace

FETCHING = "fetching {repo}"
EXPORTING = "taking out {branch} at {sha:.12}"
SETTING_UP = "running {count} setup command(s)"
LOOKING = "looking with {finders}"
CHOOSING = "choosing from {count} things that could be proposed"
GONE = "{repo}: commit {sha:.12} of {branch} is not there any more; a later run takes the newer tip"
NOT_OURS = "{topic}: pm-agent only carries out work.proposals.requested"


@dataclass(frozen=True)
class Place:
    """A work tree, what is in it, and where programs may run on it."""

    folder: Path
    exported: Exported
    sandbox: Sandbox


async def work(live: LiveRun, tools: Tools) -> Drafted | Ended:
    """Carry out one run. Raises what git, the policy and the sandbox raise."""
    request = live.request
    if not isinstance(request, ProposalsRequested):
        raise BadInput(NOT_OURS.format(topic=request.topic))
    if no_room(request):
        return Ended(RunEnd.NOTHING_TO_CHANGE, why_no_room(request))
    mirror = tools.mirror(request.repo)
    await live.progress("fetching", FETCHING.format(repo=request.repo))
    await mirror.fetch()
    if not await mirror.has(request.base_sha):
        return Ended(RunEnd.DECLINED, _said(GONE, request))
    async with workspace(tools.scratch, request) as folder:
        await live.progress("exporting", _said(EXPORTING, request))
        exported = await export(mirror.git_dir, request.base_sha, folder)
        if missing := missing_parts(exported):
            await live.progress("exporting", missing)
        return await _look_and_choose(live, request, Place(folder, exported, tools.sandbox))


async def _look_and_choose(
    live: LiveRun, request: ProposalsRequested, at: Place
) -> Drafted | Ended:
    policy = load(request.policy)
    if at.sandbox.name == "process":
        await live.progress("setting up", at.sandbox.isolation)
    if policy.setup:
        await live.progress("setting up", SETTING_UP.format(count=len(policy.setup)))
        if (why := await set_up(at.sandbox, at.folder, policy)) is not None:
            return Ended(RunEnd.DECLINED, f"{request.repo}: {why}")
    finders = ", ".join(policy.proposals.finders)
    await live.progress("looking", LOOKING.format(finders=finders))
    seen = await look(at.folder, at.sandbox, policy, request.repo, only=at.exported.files)
    for line in seen.lines:
        await live.progress("looking", line)
    await live.progress("choosing", CHOOSING.format(count=len(seen.candidates)))
    proposals = choose(seen.candidates, request.known, quota=request.quota, focus=focus_of(request))
    return conclude(request, proposals, found=len(seen.candidates), lines=seen.lines)


def _said(words: str, request: ProposalsRequested) -> str:
    return words.format(repo=request.repo, branch=request.default_branch, sha=request.base_sha)
