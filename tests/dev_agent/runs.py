"""Requests, a live run that remembers what it said, and tools around a real repository."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from services.dev_agent.tools import Tools
from services.dev_agent.working import work
from shared.clock import SystemClock
from shared.errors import BadInput, Missing, Refused
from shared.git.commits import Signers, make_commit
from shared.git.mirror import Mirror
from shared.git.quarantine import Imported, import_bundle
from shared.git.snapshot import DRAFT_PERSON
from shared.messages import Repo as RepoName
from shared.messages.content import (
    Brief,
    Cause,
    CauseKind,
    Finding,
    RunEnd,
    RunLimits,
    Snapshot,
    Usage,
)
from shared.messages.draft import ChangeProposed
from shared.messages.work import ImplementationRequested, RevisionRequested, WorkRequest
from shared.policy import digest, dump, parse
from shared.runs import Drafted, Ended, LiveRun
from shared.sandbox import Sandbox
from shared.sandbox.process import ProcessSandbox
from shared.snapshot import write_brief
from tests.git.making import Repo

REPO = RepoName(owner="octo", name="hello", id="1")
RUN, APPROVAL = UUID(int=7), UUID(int=8)
NOW = datetime(2030, 1, 1, tzinfo=UTC)
Request = ImplementationRequested | RevisionRequested


def snapshot(brief: Brief | None = None, body: str = "Please mend it.") -> Snapshot:
    """An approved text, with its block where `brief` is given."""
    text = f"{body}\n\n{write_brief(brief)}\n" if brief else body
    return Snapshot(title="Mend it", body=text, digest="d" * 64, raw_digest="e" * 64, sanitiser=1)


def implementation(base: str, policy: str = "", brief: Brief | None = None, **more: Any) -> Request:
    """A request to implement, on `base`, under a policy written as its file is."""
    return ImplementationRequested(**_common(base, policy), snapshot=snapshot(brief), **more)


def revision(
    base: str,
    head: str,
    policy: str = "",
    brief: Brief | None = None,
    *,
    conflict: bool = False,
    round: int = 2,
) -> Request:
    """A request to revise `head`: what a review found, or a conflict with the base."""
    kind = CauseKind.CONFLICT if conflict else CauseKind.REVIEW
    finding = Finding(path="app.py", line=3, source="lint", text="say why")
    cause = Cause(kind=kind, id="c", findings=() if conflict else (finding,))
    return RevisionRequested(
        **_common(base, policy), snapshot=snapshot(brief), pull_request=9, head=head, round=round,
        cause=cause,
    )  # fmt: skip


def _common(base: str, text: str) -> dict[str, Any]:
    policy = parse(text)
    return {
        "repo": REPO, "run": RUN, "generation": 5, "lease_s": 60.0, "issue": 7,
        "approval": APPROVAL, "policy": dump(policy), "policy_digest": digest(policy),
        "default_branch": "main", "base_sha": base,
        "limits": RunLimits(timeout_s=600, bundle_bytes=policy.limits.bundle_bytes),
    }  # fmt: skip


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

    async def run(self, request: Request) -> Drafted | Ended:
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

    async def files(self, end: Drafted | Ended) -> dict[str, bytes]:
        """The files of a draft, taken in as the gatekeeper takes it in."""
        imported = await self.imported(end)
        signers = Signers(DRAFT_PERSON, DRAFT_PERSON)
        commit = await make_commit(
            imported.git_dir, imported.tree, [], message="x\n", at=NOW, by=signers
        )

        async def no_token() -> None:
            return None

        quarantine = Mirror(imported.git_dir, self.origin.url, no_token)
        paths = await quarantine.paths(commit)
        return {path: await quarantine.read(commit, path) or b"" for path in paths}

    async def imported(self, end: Drafted | Ended) -> Imported:
        """A draft through quarantine."""
        assert isinstance(end, Drafted), end
        assert isinstance(end.draft, ChangeProposed)
        result = await import_bundle(
            self.origin.git_dir, end.draft.bundle, base=end.draft.base, scratch=self.folder
        )
        assert isinstance(result, Imported), result
        return result


def phases(said: list[tuple[str, str]]) -> list[str]:
    """The phases in order, each once."""
    return list(dict.fromkeys(phase for phase, _ in said))
