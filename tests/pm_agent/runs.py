"""A repository to look at, a request for it, and what a run says on its way."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.pm_agent.working import work
from shared.agents import Tools
from shared.clock import FakeClock
from shared.git.mirror import Mirror
from shared.messages import Repo
from shared.messages.content import Usage
from shared.messages.examples import example
from shared.messages.work import ProposalsRequested
from shared.runs import Drafted, Ended, LiveRun
from shared.sandbox import Sandbox
from tests.checkers.trees import sandbox
from tests.git.making import File
from tests.git.making import Repo as GitRepo

FAULTY: dict[bytes, File | bytes] = {
    b"README.md": b"# hello\n\n## Install\n\n## Usage\n\n## Tests\n\n## Licence\n",
    b"a.py": b"import os\n",
    b"b.py": b"x = 1  # TODO: name it\n",
}
"""One thing for the linter, one for a reader of notes."""

QUICK: dict[str, Any] = {"proposals": {"finders": ["lint", "todo"]}}
"""A policy whose finders run none of the repository's code."""


def request(base: str, **changes: Any) -> ProposalsRequested:
    """A request to look at the commit `base` with quick finders, and nothing known."""
    asked = example("work.proposals.requested.v1").model_dump()
    plain = {"policy": QUICK, "known": (), "focus": "", "base_sha": base}
    return ProposalsRequested.model_validate(asked | plain | changes)


@dataclass
class Desk:
    """pm-agent's tools around one origin, and everything that its runs said."""

    folder: Path
    origin: GitRepo
    sandbox: Sandbox = field(default_factory=sandbox)
    said: list[tuple[str, str]] = field(default_factory=list)
    mirrored: dict[Repo, Mirror] = field(default_factory=dict)

    @property
    def tools(self) -> Tools:
        """With a process sandbox: these trees are our own."""
        return Tools(self.mirror, self.sandbox, self.folder / "scratch")

    def mirror(self, repo: Repo) -> Mirror:
        """The same mirror each time."""
        return self.mirrored.setdefault(
            repo, Mirror(self.folder / "mirror", self.origin.url, _without_token)
        )

    def left(self) -> list[Path]:
        """What runs left in the scratch folder."""
        scratch, own = self.folder / "scratch", self.folder / "scratch" / "pm-agent"
        return sorted({*scratch.glob("*"), *own.glob("*")} - {own})

    async def run(self, asked: ProposalsRequested) -> Drafted | Ended:
        """The work function on a request."""
        clock = FakeClock()

        async def say(phase: str, line: str, usage: Usage) -> None:
            self.said.append((phase, line))

        return await work(LiveRun(asked, clock.now, say), self.tools)


async def _without_token() -> str | None:
    return None
