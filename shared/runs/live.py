"""A run while it is being worked on: what the work may ask and say."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from shared.messages.content import Usage
from shared.messages.work import WorkRequest


@dataclass
class LiveRun:
    """Passed to an agent's work function."""

    request: WorkRequest
    now: Callable[[], datetime]
    say: Callable[[str, str, Usage], Awaitable[None]]
    phase: str = "started"
    line: str = ""
    usage: Usage = field(default_factory=Usage)

    async def progress(self, phase: str, line: str) -> None:
        """Say what is being done, in one line for people; renews the lease."""
        self.phase, self.line = phase, line
        await self.say(phase, line, self.usage)
