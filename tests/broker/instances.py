"""Instances of a service as processes of their own: started, read, asked how they do, killed."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from tests.architecture.sources import ROOT
from tests.runtime.asking import Answered, get

_PORT = re.compile(r"http://127\.0\.0\.1:(\d+)")
LAST = 30


class Instance:
    """One process; what it logs is read as it comes."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._lines: list[str] = []
        self._more = asyncio.Event()
        self._over = False
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, module: str, *arguments: str, **variables: str) -> "Instance":
        """`python -m MODULE`, with no setting of ours but these."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GATEFLEET_")}
        return cls(await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE,
            cwd=ROOT, env=kept | variables,
        ))  # fmt: skip

    async def said(self, word: str) -> str:
        """The first line with it, as soon as it is there; the process must not end before."""
        seen = 0
        while True:
            for line in self._lines[seen:]:
                if word in line:
                    return line
            seen = len(self._lines)
            last = "".join(self._lines[-LAST:])
            assert not self._over, f"it ended without {word}: {last}"
            self._more.clear()
            await self._more.wait()

    async def get(self, path: str) -> Answered:
        """Of its probes' pages; it must have been given a GATEFLEET_STATUS_PORT."""
        found = _PORT.search(await self.said("status_answers"))
        assert found
        return await get(int(found[1]), path)

    def send(self, signal: int) -> None:
        """A signal, if it still runs."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal)

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        await self._reading
        return await self.process.wait()

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self._lines.append(line.decode(errors="replace"))
            self._more.set()
        self._over = True
        self._more.set()


Begin = Callable[..., Awaitable[Instance]]
"""`Instance.start`, for one that is gone when the test has ended."""


async def put_away(instances: Sequence[Instance]) -> None:
    """Leave none, however the test went."""
    for each in instances:
        if each.process.returncode is None:
            with suppress(ProcessLookupError):
                each.process.kill()
        await each.ended()


def on_the_bus(url: str, state: str) -> Mapping[str, str]:
    """What every service is told where all are one user of the broker."""
    return {
        "GATEFLEET_STATE": state, "GATEFLEET_BUS": url, "GATEFLEET_BUS_IDENTITY": "shared",
        "GATEFLEET_STATUS_PORT": "0",
    }  # fmt: skip
