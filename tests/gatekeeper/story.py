"""One issue's life in steps, as the gatekeeper's neighbours live it: proposed to merged, with a round."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from shared.messages.content import Verdict
from shared.messages.gate import IssueApproved
from shared.messages.work import ImplementationRequested, ReviewRequested, RevisionRequested
from tests.gatekeeper.acting import GREET, MENDED, Acting

ROUND_2 = MENDED.replace("B = 2", "B = 3")


@dataclass
class Story:
    """An issue's life in steps, each with what the one before left to the others."""

    act: Acting
    number: int = 0
    approved: IssueApproved | None = None
    asked: Any = None
    kept: dict[str, object] = field(default_factory=dict)

    def steps(self) -> list[Callable[[], Awaitable[None]]]:
        """In order."""
        return [
            self.propose, self.approve, self.dispatch, self.publish, self.ask, self.want_changes,
            self.dispatch_again, self.publish_again, self.ask, self.let_pass, self.merge,
        ]  # fmt: skip

    async def propose(self) -> None:
        """Somebody writes an issue."""
        self.number = self.act.issue().number
        await self.act.see(self.number)

    async def approve(self) -> None:
        """A person approves it."""
        self.act.label(self.number)
        await self.act.see(self.number)
        self.approved = self.act.world.said(IssueApproved)[-1]

    async def dispatch(self) -> None:
        """The scheduler asks for an implementation."""
        assert self.approved is not None
        self.asked = await self.act.implement(self.approved)

    async def publish(self) -> None:
        """The agent has one."""
        assert isinstance(self.asked, ImplementationRequested)
        await self.act.draft(self.asked)
        await self.seen()

    async def ask(self) -> None:
        """The scheduler asks for a review."""
        assert self.approved is not None
        self.asked = await self.act.ask_review(self.approved, await self.act.pull())

    async def want_changes(self) -> None:
        """QA finds something."""
        assert isinstance(self.asked, ReviewRequested)
        await self.act.judge(self.asked, Verdict.CHANGES)
        self.kept["review"] = str(self.asked.run)
        await self.seen()

    async def dispatch_again(self) -> None:
        """One more round is asked for, because of that review."""
        assert self.approved is not None
        cause = str(self.kept["review"])
        self.asked = await self.act.revise(self.approved, await self.act.pull(), cause=cause)

    async def publish_again(self) -> None:
        """The agent has mended it."""
        assert isinstance(self.asked, RevisionRequested)
        await self.act.draft(self.asked, {GREET: ROUND_2})
        await self.seen()

    async def let_pass(self) -> None:
        """QA finds nothing more."""
        assert isinstance(self.asked, ReviewRequested)
        await self.act.judge(self.asked)
        await self.seen()

    async def merge(self) -> None:
        """A person merges."""
        await self.act.merge((await self.act.pull()).number)
        await self.seen()
        await self.act.see(self.number)

    async def seen(self) -> None:
        """The ingest tells of the pull request, as webhooks would."""
        await self.act.see_pull((await self.act.pull()).number)
