"""The forge's door: a point before and after each write that the fleet asks for, fetches included."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.drills.points import Points

READS = ("GET", "HEAD", "OPTIONS")
GIT = ("git-receive-pack", "git-upload-pack")
STRUCK = "whoever asked is gone\n"

_VARIES = re.compile(r"(?<=/)([0-9a-f]{40}|\d+)(?=/|$)")


@dataclass
class Door:
    """Serves `inner`; tells of every write that came through, whoever made it."""

    inner: ASGIApp
    points: Points
    wrote: asyncio.Event = field(default_factory=asyncio.Event)
    writes: int = 0
    heard: Callable[[], None] = lambda: None
    """Called after each."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once whoever was struck has ended."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        name = _name(scope)
        if name is None:
            await self.inner(scope, receive, send)
            if scope.get("method", "") not in READS:
                self._tell()
            return
        if self.points.reach(f"forge {name} before"):
            await self.gone.wait()
            await PlainTextResponse(STRUCK, 503)(scope, receive, send)
            return

        asked = True

        async def answer(message: object) -> None:
            """The first byte of an answer waits for the point: what was done is done by then."""
            nonlocal asked
            if asked and self.points.reach(f"forge {name} after"):
                await self.gone.wait()
            asked = False
            await send(message)  # type: ignore[arg-type]

        await self.inner(scope, receive, answer)
        self._tell()

    def _tell(self) -> None:
        self.writes += 1
        self.heard()
        self.wrote.set()


def _name(scope: Scope) -> str | None:
    """What a write of the fleet is called; None for reads, and for people at the pages."""
    if scope["type"] != "http":
        return None
    path, method = str(scope["path"]), str(scope["method"])
    tail = path.rpartition("/")[2]
    if tail in GIT:
        return tail if method == "POST" else None
    if not path.startswith("/repos/") or method in READS:
        return None
    return f"{method} {_VARIES.sub('N', '/'.join(path.split('/')[4:]))}"
