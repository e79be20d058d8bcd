"""A person at the pages of the stack, and at its console."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from services.cli.console_client import ConsoleClient
from services.console.shapes import IssueAnswer, IssueLine, Status
from services.demo.browser import Browser
from shared.errors import GatefleetError
from shared.lifecycle import IssueState
from tests.compose.stack import SETTLE_S, Stack, until

REPOSITORY = "sample/stockroom"
ROLLING = ("labels/boxes.py", "lists/orders.py", "notes/slips.py")
"""Files of the sample with something to mend each: to be worked on at the same time."""
SPARE = ("bills/sums.py", "crates/sizes.py", "maps/aisles.py")
"""The same, for any drill."""
UNORDERED = "tools/zones.py"
"""Its imports are to be put in order: for the last drill."""


@dataclass
class You:
    """Reads, approves, reads the diff, merges."""

    stack: Stack
    token: str
    cookie: httpx.Cookies | None = None

    @classmethod
    def at(cls, stack: Stack) -> "You":
        """With the console's token as set-up dealt it."""
        return cls(stack, stack.exec("console", "cat", "/run/gatefleet/token").strip())

    def status(self) -> Status | None:
        """What the console says; None while it does not answer."""
        try:
            with ConsoleClient(self.stack.console, self.token) as console:
                return console.status(everything=True)
        except GatefleetError:
            return None

    def issues(self) -> dict[int, IssueLine]:
        """By number; none while the console does not answer."""
        status = self.status()
        return {line.number: line for line in status.issues} if status is not None else {}

    def issue(self, number: int) -> IssueAnswer | None:
        """One issue whole; None while the console does not answer."""
        try:
            with ConsoleClient(self.stack.console, self.token) as console:
                return console.issue(number)
        except GatefleetError:
            return None

    def proposals(self, count: int, *, of: tuple[str, ...] = ()) -> list[IssueLine]:
        """As many that an agent can do, once there are so many; `of`: of these files only.

        Left out: the file that the last drill needs, and unless asked for those of a drill with many.
        """
        kept = () if of else (UNORDERED, *ROLLING)

        def enough() -> list[IssueLine]:
            doable = [
                each for each in self.issues().values()
                if each.doable and not any(name in each.title for name in kept)
                and (not of or any(name in each.title for name in of))
            ]  # fmt: skip
            open_ones = [each for each in doable if each.state is IssueState.PROPOSED]
            return open_ones[:count] if len(open_ones) >= count else []

        return until(enough, f"{count} proposals that can be done")

    def until(self, number: int, is_so: Callable[[IssueLine], bool], what: str) -> IssueLine:
        """The issue, once it is so."""

        def look() -> IssueLine | None:
            line = self.issues().get(number)
            return line if line is not None and is_so(line) else None

        return until(look, f"#{number} {what}", within_s=SETTLE_S)

    def until_state(self, number: int, state: IssueState) -> IssueLine:
        """The issue, once it stands there."""
        return self.until(number, lambda line: line.state is state, state.value)

    def press(self, page: str, button: str) -> None:
        """Press a button of a page, logged in by a link of its own."""
        asyncio.run(self._press(f"/{REPOSITORY}/{page}", button))

    async def _press(self, page: str, button: str) -> None:
        browser = Browser(self.stack.pages)
        try:
            await browser.log_in(self.link())
            await browser.press(page, button)
        finally:
            await browser.close()

    def link(self) -> str:
        """What the terminal says to open."""
        said = self.stack.exec("local-forge", "gatefleet", "link")
        return said.rpartition(": ")[2].strip()

    def read(self, page: str) -> str:
        """A page as anybody on this machine sees it."""
        answer = httpx.get(f"{self.stack.pages}/{REPOSITORY}/{page}", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.text

    def approve(self, number: int) -> None:
        """Gate 1, on the page."""
        self.press(f"issues/{number}", "approve")

    def pulls_of(self, issue: int) -> list[int]:
        """Every pull request on the forge whose branch is the issue's."""
        token = self.stack.exec("local-forge", "cat", "/run/gatefleet/you").strip()
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.stack.pages}/repos/{REPOSITORY}/pulls?state=all&per_page=100"
        found = httpx.get(url, headers=headers, timeout=30).json()
        return [each["number"] for each in found if f"/issue-{issue}/" in each["head"]["ref"]]

    def merge(self, number: int) -> IssueLine:
        """Gate 2, on the page: waits until it is ready, and for what the fleet makes of it."""
        ready = self.until_state(number, IssueState.READY)
        self.press(f"pull/{ready.pull_request}", "merge")
        return self.until_state(number, IssueState.MERGED)
