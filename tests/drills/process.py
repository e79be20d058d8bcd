"""A life of the fleet as a process: told by a file, asked over a socket, killed without a word."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.architecture.sources import ROOT
from tests.drills.orders import Orders

STOP_S = 15.0
LOG_END = 3000


@dataclass(frozen=True)
class Nursery:
    """Where lives come from."""

    path: str

    async def orphans(self) -> list[str]:
        """What is left of lives that have ended."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        writer.write(b"orphans\n")
        found = (await reader.read()).decode().splitlines()
        writer.close()
        return found

    async def code(self, pid: int) -> int:
        """How a life ended; minus nine after a kill."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        writer.write(f"wait {pid}\n".encode())
        found = int(await reader.readline())
        writer.close()
        return found


@contextmanager
def nursery() -> Iterator[Nursery]:
    """One for many drills: starting it takes as long as starting the fleet did."""
    with tempfile.TemporaryDirectory(prefix="gatefleet-drill-") as folder:
        path = f"{folder}/nursery"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.nursery", path], cwd=ROOT, stdout=subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield Nursery(path)
        finally:
            process.kill()
            process.communicate()


@dataclass
class Process:
    """One life."""

    nursery: Nursery
    pid: int
    folder: Path
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    places: "asyncio.Queue[dict[str, str]]"
    """Where its webhook listens, each time that this changed, and with which secret."""
    wrote: asyncio.Event
    """Set each time that an embedded forge has written something."""
    _stands: "asyncio.Queue[dict[str, Any]]"
    _reading: "asyncio.Task[int]"

    @classmethod
    async def start(cls, nursery: Nursery, orders: Orders) -> "Process":
        """Begin a life with these orders."""
        path = orders.folder / "orders.json"
        path.write_text(orders.model_dump_json(), encoding="utf-8")
        reader, writer = await asyncio.open_unix_connection(nursery.path)
        writer.write(f"live {path}\n".encode())
        pid = int(await reader.readline())
        places: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        stands: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        wrote = asyncio.Event()

        async def read() -> int:
            with suppress(ConnectionError):
                while line := await reader.readline():
                    said = json.loads(line)
                    if "wrote" in said:
                        wrote.set()
                        continue
                    (places if "url" in said else stands).put_nowait(said)
            writer.close()
            return await nursery.code(pid)

        reading = asyncio.create_task(read())
        return cls(nursery, pid, orders.folder, reader, writer, places, wrote, stands, reading)

    async def ask(self) -> dict[str, Any]:
        """How it stands; waits for ever once it has ended: `ended` tells of that."""
        self.writer.write(b"?\n")
        return await self._stands.get()

    async def ended(self) -> int:
        """Its exit code, once it has ended; minus nine after a kill."""
        return await asyncio.shield(self._reading)

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        self.send(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """A signal, if it still runs."""
        if not self._reading.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def is_frozen(self) -> bool:
        """Whether it has been stopped, as the kernel tells it."""
        stat = await asyncio.to_thread(Path(f"/proc/{self.pid}/stat").read_text)
        return stat.rpartition(")")[2].split()[0] == "T"

    def wake(self) -> None:
        """SIGCONT."""
        self.send(signal.SIGCONT)

    async def stop(self) -> int:
        """Tell it that no more lines come, and wait for its end."""
        self.writer.write_eof()
        async with asyncio.timeout(STOP_S):
            return await self.ended()

    def log_end(self) -> str:
        """The last of what it wrote, for who reads of a failure."""
        files = (self.folder / "log", self.folder / "stderr")
        return "\n".join(f.read_text(errors="replace")[-LOG_END:] for f in files if f.exists())
