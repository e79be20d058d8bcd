"""Requests for a review, and tools around a real repository with a base, a head and a tip."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from services.qa_agent.working import work
from shared.agents import Tools
from shared.clock import SystemClock
from shared.errors import BadInput, Missing, Refused
from shared.git.mirror import Mirror
from shared.messages import Repo as RepoName
from shared.messages.content import Brief, Finding, RunEnd, RunLimits, Snapshot, Usage
from shared.messages.draft import ReviewProposed
from shared.messages.work import ReviewRequested, WorkRequest
from shared.policy import digest, dump, parse
from shared.runs import Drafted, Ended, LiveRun
from shared.sandbox import Sandbox
from shared.sandbox.process import ProcessSandbox
from shared.snapshot import write_brief
from tests.git.making import Files, Repo

REPO = RepoName(owner="octo", name="hello", id="1")
RUN, APPROVAL = UUID(int=7), UUID(int=8)
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def review(head: str, tip: str, policy: str = "", brief: Brief | None = None) -> ReviewRequested:
    """A request to judge `head` on `tip`."""
    body = f"Mend it.\n\n{write_brief(brief)}\n" if brief else "Mend it."
    rules = parse(policy)
    return ReviewRequested(
        repo=REPO, run=RUN, generation=5, lease_s=60.0, issue=7, approval=APPROVAL,
        policy=dump(rules), policy_digest=digest(rules), default_branch="main", base_sha=tip,
        limits=RunLimits(timeout_s=600, bundle_bytes=1024), pull_request=9, head=head, tip=tip,
        round=1,
        snapshot=Snapshot(
            title="Mend it", body=body, digest="d" * 64, raw_digest="e" * 64, sanitiser=1
        ),
    )  # fmt: skip


@dataclass
class Bench:
    """A repository, a mirror of it, a scratch folder, and what runs said."""

    origin: Repo
    folder: Path
    sandbox: Sandbox = field(default_factory=lambda: ProcessSandbox(SystemClock()))
    said: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        async def no_token() -> None:
            return None

        self.mirror = Mirror(self.folder / "mirror.git", self.origin.url, no_token)

    @property
    def tools(self) -> Tools:
        return Tools(lambda _: self.mirror, self.sandbox, self.folder / "scratch")

    def live(self, request: WorkRequest) -> LiveRun:
        async def say(phase: str, line: str, usage: Usage) -> None:
            self.said.append((phase, line))

        return LiveRun(request, lambda: NOW, say)

    def change(self, base: Files, head: Files) -> tuple[str, str]:
        """Head and tip: a branch with the files of `head`, where the base is `base`."""
        tip = self.origin.commit(base)
        return self.origin.commit(head, parents=[tip], branch="w"), tip

    async def run(self, request: ReviewRequested) -> Drafted | Ended:
        """The end of a run, after which nothing of it is left on the disk.

        What is refused ends as the supervisor ends it: declined, in the error's words.
        """
        try:
            return await work(self.live(request), self.tools)
        except (Refused, BadInput, Missing) as error:
            return Ended(RunEnd.DECLINED, str(error))
        finally:
            scratch = self.folder / "scratch"
            assert not scratch.exists() or list(scratch.iterdir()) == []

    async def judge(self, request: ReviewRequested) -> ReviewProposed:
        """The review that a run ends with."""
        end = await self.run(request)
        assert isinstance(end, Drafted), end
        assert isinstance(end.draft, ReviewProposed)
        return end.draft


def lines(review: ReviewProposed, *severities: str) -> list[str]:
    """Findings as one reads them, of these severities or all."""
    return [said(each) for each in review.findings if not severities or each.severity in severities]


def said(finding: Finding) -> str:
    """`error tests app.py:3: text`."""
    place = f" {finding.path}" if finding.path else ""
    line = f":{finding.line}" if finding.line else ""
    return f"{finding.severity} {finding.source}{place}{line}: {finding.text}"
