"""An example as a process of its own, as somebody would run it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aio_pika
from aio_pika.exceptions import ChannelNotFoundEntity

from tests.architecture.sources import ROOT

FOLDER = ROOT / "docs/examples"


@dataclass(frozen=True)
class Example:
    """A started example; what it prints is in `said`, what it logs in `log`."""

    process: "subprocess.Popen[bytes]"
    said: Path
    log: Path

    async def lines(self, count: int) -> list[str]:
        """What it has printed, as soon as there are so many whole lines."""
        while True:
            whole = self.said.read_text(encoding="utf-8").split("\n")[:-1]
            if len(whole) >= count:
                return whole
            assert self.process.poll() is None, self.log.read_text()
            await asyncio.sleep(0.01)

    async def hears(self, url: str, *queues: str) -> None:
        """Return once it consumes these queues."""
        for queue in queues:
            while not await consumers(url, queue):
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.01)

    def stop(self) -> int:
        """Stop it as a supervisor would; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()


def start(name: str, arguments: Sequence[str], *, site: Path, folder: Path) -> Example:
    """Start `docs/examples/NAME.py` where nothing of ours but the wheel can be imported."""
    said, log = folder / f"{name}.out", folder / f"{name}.log"
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GATEFLEET_")}
    with said.open("wb") as out, log.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, str(FOLDER / f"{name}.py"), *arguments], cwd=folder, stdout=out,
            stderr=err, env=kept | {"PYTHONPATH": str(site), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    return Example(process, said, log)


async def consumers(url: str, queue: str) -> int:
    """How many consume a queue; none where it is not there yet."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        try:
            declared = await channel.declare_queue(queue, passive=True)
        except ChannelNotFoundEntity:
            return 0
        return declared.declaration_result.consumer_count or 0
