"""What pm-agent would propose for a repository on this machine. Writes to a temporary folder alone."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.pm_agent.choosing import choose as choose_proposals
from services.pm_agent.looking import look
from shared.clock import SystemClock
from shared.errors import Refused
from shared.git.export import export
from shared.git.failures import GitFailed
from shared.git.mirror import Mirror
from shared.git.runner import Git, require_git
from shared.messages import Repo
from shared.messages.content import Proposal
from shared.policy import FILE, parse
from shared.sandbox import choose
from shared.workspaces import set_up

NOT_GIT = (
    "{path}: is no git repository with a commit; run it inside of one, or name one with --repo"
)
NOT_READY = "{path}: {why}"
NOTHING = "nothing was found that could be proposed"
NO_QUOTA = "the policy asks for no proposals (proposals.quota: 0 in .gatefleet.yml)"
HEAD = "{path} at {sha:.12}: {count} to propose, of {found} found; nothing was written"
ITEM = "{place}. {title}  ({size}, priority {priority}, found by {finder})"
WHY = "   {why}"
NOTE = "   note: {note}"


@dataclass(frozen=True)
class Dry:
    """What would be proposed."""

    path: Path
    sha: str
    proposals: tuple[Proposal, ...]
    found: int
    quota: int
    said: tuple[str, ...]
    """What kept finders from looking."""

    def lines(self) -> list[str]:
        """For people."""
        head = HEAD.format(
            path=self.path, sha=self.sha, count=len(self.proposals), found=self.found
        )
        said = [head, *self.said]
        for place, each in enumerate(self.proposals, 1):
            said.append(ITEM.format(
                place=place, title=each.title, size=each.size, priority=each.priority,
                finder=each.finder,
            ))  # fmt: skip
            said += [WHY.format(why=line) for line in each.why.strip().splitlines()[:1]]
            said += [NOTE.format(note=each.note)] if each.note else []
        if not self.proposals:
            said.append(NO_QUOTA if self.quota == 0 else NOTHING)
        return said

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "repository": str(self.path), "commit": self.sha, "found": self.found,
            "quota": self.quota, "notes": list(self.said),
            "proposals": [each.model_dump(mode="json") for each in self.proposals],
        }  # fmt: skip


async def look_here(
    path: Path, focus: str, wanted: Literal["auto", "bubblewrap", "process"]
) -> Dry:
    """Look at the commit that HEAD points to, with the policy of that commit."""
    await require_git()
    path = await asyncio.to_thread(path.resolve)
    top, sha = await _head(path)
    sandbox = await choose(wanted, process_allowed=wanted == "process", clock=SystemClock())
    with tempfile.TemporaryDirectory(prefix="gatefleet-propose-") as scratch:
        mirror = Mirror(Path(scratch) / "mirror.git", str(top), _no_token)
        await mirror.fetch()
        if not await mirror.has(sha):
            raise Refused(NOT_GIT.format(path=path))
        folder = Path(scratch) / "tree"
        await asyncio.to_thread(folder.mkdir, mode=0o700)
        exported = await export(mirror.git_dir, sha, folder)
        text = folder / FILE
        policy = parse(text.read_bytes() if text.is_file() else None)
        if policy.setup and (why := await set_up(sandbox, folder, policy)) is not None:
            raise Refused(NOT_READY.format(path=path, why=why))
        repo = Repo(owner="local", name=top.name, id=str(top))
        seen = await look(folder, sandbox, policy, repo, only=exported.files)
    quota = policy.proposals.quota
    chosen = choose_proposals(seen.candidates, (), quota=quota, focus=focus)
    return Dry(top, sha, chosen, len(seen.candidates), quota, seen.lines)


async def _head(path: Path) -> tuple[Path, str]:
    """The folder that holds the repository, and the commit its HEAD points to."""
    for folder in (path, *path.parents):
        inside = folder / ".git" if (folder / ".git").exists() else folder
        if not (inside / "HEAD").is_file():
            continue
        try:
            asked = ("rev-parse", "--quiet", "--verify", "HEAD^{commit}")
            born = await Git(inside, subject=folder.name).call(*asked, ok=(0, 1))
        except GitFailed as error:
            raise Refused(str(error)) from None
        if found := born.out.decode().strip():
            return folder, found
        break
    raise Refused(NOT_GIT.format(path=path))


async def _no_token() -> str | None:
    return None
