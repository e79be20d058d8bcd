"""The person of a drill: looks at the forge and presses its buttons, whatever happens to the fleet."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from services.demo.browser import Browser
from shared.errors import Refused, TryLater
from shared.forge.port import Reader
from shared.messages.objects import Issue, PullRequest

GATE, APPROVED = "gatefleet/gate", "approved"
EVER = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Person:
    """Approves each proposal once, and merges what gate 2 says yes to."""

    repository: str
    reader: Reader
    browser: Browser
    approvals: list[int] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once something was merged."""

    async def stay(self, wrote: asyncio.Event) -> None:
        """Look each time that something was written, until all is done."""
        while not self.done.is_set():
            wrote.clear()
            await self.look()
            if not self.done.is_set():
                await wrote.wait()

    async def look(self) -> None:
        """Press what may be pressed now."""
        try:
            for issue in await self.reader.open_issues(label="proposed"):
                if issue.number not in self.approvals and await self._approve(issue):
                    self.approvals.append(issue.number)
            for pull in await self.reader.open_pull_requests():
                if await self._is_open(pull):
                    await self._press(f"pull/{pull.number}", "merge")
            closed = await self.reader.closed_pull_requests(EVER)
            self.merged = [each.number for each in closed if each.merged]
            if self.merged:
                self.done.set()
        except TryLater:  # the forge itself is being restarted: the next look is soon
            return

    async def _is_open(self, pull: PullRequest) -> bool:
        found = await self.reader.checks(pull.head_sha)
        return any(each.name == GATE and each.conclusion == "success" for each in found)

    async def _approve(self, issue: Issue) -> bool:
        if APPROVED in issue.labels:  # pressed, though the answer was lost
            return True
        return await self._press(f"issues/{issue.number}", "approve")

    async def _press(self, page: str, button: str) -> bool:
        try:
            await self.browser.press(f"/{self.repository}/{page}", button)
        except (Refused, httpx.HTTPError):  # the page does not offer it yet, or the forge is gone
            return False
        return True
