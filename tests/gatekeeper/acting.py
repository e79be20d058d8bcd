"""What people, the ingest, the scheduler and the agents do in the tests of the gatekeeper."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.gatekeeper.tables import Pull
from services.local_forge.domain.actor import Actor
from services.local_forge.domain.merging import MergeAsk
from services.local_forge.git.facts import NO_OBJECT, RefUpdate
from services.local_forge.tables import Issue
from shared.messages.content import (
    Cause,
    CauseKind,
    Finding,
    RunLimits,
    TestsReport,
    Verdict,
)
from shared.messages.draft import ChangeProposed, ReviewProposed
from shared.messages.gate import IssueApproved, PullRequestOpened
from shared.messages.ids import implementation_run, review_run, revision_run
from shared.messages.work import ImplementationRequested, ReviewRequested, RevisionRequested
from shared.policy import Policy, dump
from tests.gatekeeper.seeing import Seeing
from tests.git.making import File, Repo, git
from tests.local_forge.place import FILES

BASE = {name.encode(): text.encode() for name, text in FILES.items()}
GREET = "src/greet.py"
MENDED = "def greet():\n    return 2\n\n\nA = 1\nB = 2\n"
PASSED = TestsReport(ran=True, ok=True, passed=3, summary="3 passed")
RED = TestsReport(ran=True, ok=False, passed=2, failed=1, summary="1 failed")


@dataclass
class Acting(Seeing):
    """Everybody but the gatekeeper, around one world."""

    generation: int = 0
    files: dict[bytes, bytes | File] = field(default_factory=lambda: dict(BASE))

    # -- people, on the forge -----------------------------------------------------------------

    def issue(self, by: Actor | None = None, **given: Any) -> Issue:
        """A new issue, by `you` unless somebody else is named."""
        self.world.clock.advance(1)
        fields = {"title": "Greet with two", "body": "It should return 2.", **given}
        return self.world.forge.issues.create(
            self.world.place, actor=by or self.world.person(), **fields
        )

    def comment(self, number: int, body: str, by: Actor | None = None) -> int:
        """A comment; answers its id."""
        world = self.world
        world.clock.advance(1)
        issue = world.forge.issues.get(world.place, number)
        return world.forge.comments.create(issue, actor=by or world.person(), body=body).id

    def label(self, number: int, name: str = "approved", by: Actor | None = None) -> None:
        """Put a label on."""
        world = self.world
        world.clock.advance(1)
        issue = world.forge.issues.get(world.place, number)
        world.forge.labels.add(issue, actor=by or world.person(), names=[name])

    def unlabel(self, number: int, name: str = "approved", by: Actor | None = None) -> None:
        """Take a label off."""
        world = self.world
        world.clock.advance(1)
        issue = world.forge.issues.get(world.place, number)
        world.forge.labels.remove(issue, actor=by or world.person(), name=name)

    def edit(self, number: int, by: Actor | None = None, **changes: str) -> None:
        """Another title or body."""
        world = self.world
        world.clock.advance(1)
        issue = world.forge.issues.get(world.place, number)
        world.forge.issues.edit(issue, actor=by or world.person(), **changes)

    async def push(
        self, branch: str, files: dict[str, str], *, by: str = "you", parents: int = 1
    ) -> str:
        """Somebody commits onto a branch of the forge; answers the new head."""
        world = self.world
        world.clock.advance(1)
        bare = world.forge.repositories.git(world.place)
        old = await bare.head(branch) if branch in await bare.branches() else None
        start = old or await bare.head("main")
        assert start is not None
        work = world.folder / "work"
        if not work.exists():
            git(world.folder, "clone", "-q", str(bare.path), "work")
        git(work, "fetch", "-q", "origin")
        git(work, "checkout", "-q", "--detach", start)
        for name, text in files.items():
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(work, "add", "-A")
        git(work, "commit", "-qm", "By a person")
        git(work, "push", "-q", "origin", f"HEAD:refs/heads/{branch}")
        new = git(work, "rev-parse", "HEAD")
        update = RefUpdate(f"refs/heads/{branch}", old or NO_OBJECT, new)
        await world.forge.gitside.on_push("octo", "hello", by, [update])
        return new

    async def merge(self, number: int, by: Actor | None = None) -> str:
        """Merge as the forge's page does: the person's review first."""
        world = self.world
        world.clock.advance(1)
        issue = world.forge.issues.get(world.place, number)
        if by is not None:
            return await world.forge.merging.merge(issue, actor=by, ask=MergeAsk())
        return await world.forge.merging.merge_as_person(issue, actor=world.person())

    # -- the scheduler ------------------------------------------------------------------------

    async def implement(self, approved: IssueApproved) -> ImplementationRequested:
        """The issue's turn has come."""
        request = ImplementationRequested(
            **await self.request(implementation_run(approved.approval)),
            issue=approved.issue, approval=approved.approval, snapshot=approved.snapshot,
        )  # fmt: skip
        await self.world.say(request, "scheduler")
        await self.world.settle()
        return request

    async def revise(
        self, of: IssueApproved, pull: Pull, *, kind: CauseKind = CauseKind.REVIEW, round: int = 2,
        cause: str = "",
    ) -> RevisionRequested:  # fmt: skip
        """One more round."""
        why = Cause(kind=kind, id=cause or f"cause of round {round}")
        request = RevisionRequested(
            **await self.request(revision_run(of.approval, pull.head, why.id)),
            issue=of.issue, approval=of.approval, snapshot=of.snapshot, pull_request=pull.number,
            head=pull.head, round=round, cause=why,
        )  # fmt: skip
        await self.world.say(request, "scheduler")
        await self.world.settle()
        return request

    async def ask_review(self, of: IssueApproved, pull: Pull) -> ReviewRequested:
        """A head has no verdict yet."""
        common = await self.request(UUID(int=0))
        tip = common["base_sha"]
        common["run"] = review_run(
            self.world.repo.id, pull.number, pull.head, tip, common["policy_digest"]
        )
        request = ReviewRequested(
            **common, issue=of.issue, approval=of.approval, snapshot=of.snapshot,
            pull_request=pull.number, head=pull.head, tip=tip, round=pull.round,
        )  # fmt: skip
        await self.world.say(request, "scheduler")
        await self.world.settle()
        return request

    async def request(self, run: UUID) -> dict[str, Any]:
        """What every request carries; its generation is above the last one."""
        self.generation += 1
        policy = await self.world.desk.policy()
        tip = await self.world.reader.branch_sha("main")
        return {
            "repo": self.world.repo, "run": run, "generation": self.generation, "lease_s": 60.0,
            "limits": RunLimits(timeout_s=60, bundle_bytes=1 << 20), "policy": dump(Policy()),
            "policy_digest": getattr(policy, "digest", "unread"), "default_branch": "main",
            "base_sha": tip,
        }  # fmt: skip

    # -- the agents ---------------------------------------------------------------------------

    def agent(self) -> Repo:
        """An agent's own repository with everything that the forge has."""
        bare = self.world.forge.repositories.git(self.world.place).path
        repo = Repo(self.world.folder / "agent.git")
        git(repo.git_dir, "fetch", "-q", str(bare), "+refs/heads/*:refs/forge/*")
        return repo

    def bundle(self, base: str, changes: dict[str, str | File]) -> bytes:
        """One commit of an agent on `base`: what was there so far, with these changes."""
        self.files |= {
            name.encode(): text if isinstance(text, File) else text.encode()
            for name, text in changes.items()
        }
        repo = self.agent()
        head = repo.commit(self.files, parents=[base], branch=None)
        return repo.bundle(base, head)

    async def draft(
        self, request: ImplementationRequested | RevisionRequested,
        changes: dict[str, str | File] | None = None, **other: Any,
    ) -> ChangeProposed:  # fmt: skip
        """dev-agent has a change for the run."""
        base = request.head if isinstance(request, RevisionRequested) else request.base_sha
        fields: dict[str, Any] = {
            "repo": self.world.repo, "run": request.run, "generation": request.generation,
            "issue": request.issue, "approval": request.approval, "base": base,
            "at": self.world.clock.now(), "summary": "Returns two.", **other,
        }  # fmt: skip
        if "bundle" not in fields:
            fields["bundle"] = self.bundle(base, changes or {GREET: MENDED})
        made = ChangeProposed(**fields)
        await self.world.say(made, "dev-agent")
        await self.world.settle()
        return made

    async def judge(
        self, request: ReviewRequested, verdict: Verdict = Verdict.PASS, **other: Any
    ) -> ReviewProposed:
        """qa-agent has judged a head."""
        fields: dict[str, Any] = {
            "repo": self.world.repo, "run": request.run, "generation": request.generation,
            "issue": request.issue, "pull_request": request.pull_request, "head": request.head,
            "tip": request.tip, "policy_digest": request.policy_digest, "verdict": verdict,
            "tests": PASSED if verdict is Verdict.PASS else RED,
            "findings": () if verdict is Verdict.PASS else (
                Finding(path=GREET, line=2, source="lint", text="Use a name for 2."),
            ), **other,
        }  # fmt: skip
        made = ReviewProposed(**fields)
        await self.world.say(made, "qa-agent")
        await self.world.settle()
        return made

    # -- the way there ------------------------------------------------------------------------

    async def approved(self, **given: Any) -> IssueApproved:
        """An issue by `you` that `you` approved by label."""
        issue = self.issue(**given)
        self.label(issue.number)
        await self.see(issue.number)
        return self.world.said(IssueApproved)[-1]

    async def opened(self) -> tuple[IssueApproved, Pull]:
        """An approved issue with its pull request."""
        approved = await self.approved()
        await self.draft(await self.implement(approved))
        assert self.world.said(PullRequestOpened), self.world.heard
        return approved, await self.pull()

    async def passed(self) -> tuple[IssueApproved, Pull]:
        """A pull request whose gate is open."""
        approved, pull = await self.opened()
        await self.judge(await self.ask_review(approved, pull))
        return approved, await self.pull()

    async def pull(self) -> Pull:
        """The newest pull request as the gatekeeper has it."""
        return max(await self.world.rows(Pull), key=lambda row: row.number)
