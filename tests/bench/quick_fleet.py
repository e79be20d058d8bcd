"""A fleet in this process on a repository made for figures: many small issues, one quick test."""

import asyncio
import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

from services.fleet.assembly import Fleet, Plan, assemble_fleet
from services.fleet.hosting import Hosted, host
from shared.bus import quiet
from shared.bus.driver import Done, Queue
from shared.clock import SystemClock
from shared.forge.facts import ForgeAddress
from shared.messages.content import Brief
from shared.runtime.logs import to_file
from shared.sandbox import Sandbox, choose
from shared.sandbox.port import Command, Finished
from shared.snapshot import write_brief
from tests.bench.steps import Event

OWNER, NAME = "local", "parts"
POLICY = """\
proposals: {quota: 0}
limits: {runs_per_day: 10000}
test: {command: python -m pytest -q}
"""
PYPROJECT = '[tool.pytest.ini_options]\npythonpath = ["."]\ntestpaths = ["tests"]\n'
FAULTY = '"""Part {n}."""\n\nimport os\n\nVALUE = {n}\n'
CLEAN = '"""Part {n}."""\n\nVALUE = {n}\n'
TEST = (
    "from parts import part_0\n\n\n"
    "def test_a_part_has_its_value() -> None:\n    assert part_0.VALUE == 0\n"
)
AUTHOR = {"NAME": "Bench", "EMAIL": "bench@gatefleet.invalid", "DATE": "2026-01-05T09:00:00Z"}

NOT_HEARD = "waited {seconds:g} s for what should have been said; the log: {log}"
PATIENCE_S = 120.0
READING_S = 2.0


@dataclass
class TimedSandbox:
    """Notes when each program is asked for, and by whom (its workspace says that)."""

    inner: Sandbox
    asked: list[tuple[float, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As the sandbox says."""
        return self.inner.name

    @property
    def isolation(self) -> str:
        """As the sandbox says."""
        return self.inner.isolation

    def path(self, workspace: Path) -> str:
        """As the sandbox says."""
        return self.inner.path(workspace)

    async def run(self, command: Command) -> Finished:
        """As the sandbox does."""
        self.asked.append((time.perf_counter(), str(command.workspace)))
        return await self.inner.run(command)


@dataclass
class Standing:
    """A fleet that runs, with a person's token and an ear on its bus."""

    fleet: Fleet
    hosted: Hosted
    sandbox: TimedSandbox
    person: httpx.AsyncClient
    log: Path
    events: list[Event] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, wanted: Callable[[Event], bool], *, after: float) -> Event:
        """The first event after a moment that is the one."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    self.heard.clear()
                    for event in self.events:
                        if event.at >= after and wanted(event):
                            return event
                    await self.heard.wait()
        except TimeoutError:
            kept = self.log.read_text()[-2000:]
            raise SystemExit(NOT_HEARD.format(seconds=PATIENCE_S, log=kept)) from None

    async def settled(self) -> None:
        """Nothing moves any more, twice in a row."""
        in_a_row = 0
        while in_a_row < 2:
            still = self.hosted.local.idle() and await quiet(self.fleet.services)
            in_a_row = in_a_row + 1 if still else 0
            await asyncio.sleep(0.01)

    async def read(self) -> None:
        """Settled, and as long as a person reads: a label of an issue's own second is none of theirs."""
        until = time.monotonic() + READING_S
        while time.monotonic() < until:
            await asyncio.sleep(0.01)
        await self.settled()

    async def post(self, path: str, body: object, *, method: str = "POST") -> dict[str, object]:
        """Act as the person, over REST."""
        answer = await self.person.request(method, f"/repos/{OWNER}/{NAME}{path}", json=body)
        answer.raise_for_status()
        found = answer.json()
        return found if isinstance(found, dict) else {}

    def requests(self) -> Counter[str]:
        """REST calls that the forge has answered so far, by operation."""
        return Counter(self.hosted.local.forge.witness.requests)

    def writes(self) -> int:
        """Writes of the fleet that the forge has seen so far, pushed refs included."""
        log = self.hosted.local.forge.witness.write_log
        return sum(write.who.endswith("[bot]") for write in log)


@asynccontextmanager
async def standing(folder: Path, *, faulty: int, clean: int) -> AsyncIterator[Standing]:
    """A fleet on a repository with so many parts of each kind; stopped at the end."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        log = folder / "fleet.log"
        stack.callback(to_file(log).close)
        source = make_source(folder / "source", faulty=faulty, clean=clean)
        sandbox = TimedSandbox(await choose("auto", process_allowed=True, clock=clock))
        hosted = await host(folder / "forge", f"{OWNER}/{NAME}", source, clock)
        stack.push_async_callback(hosted.stop)
        address = ForgeAddress(
            hosted.url, OWNER, NAME, app_id=hosted.app_id, app_slug="gatefleet",
            write_spacing=timedelta(0),
        )  # fmt: skip
        fleet = await assemble_fleet(
            Plan(
                state=folder / "fleet", address=address, git_url=hosted.url,
                write_token=hosted.token("fleet"), read_token=hosted.token("reader"),
                sandbox=sandbox,
            ),
            clock,
        )  # fmt: skip
        stack.push_async_callback(fleet.stop)
        person = httpx.AsyncClient(
            base_url=hosted.url, headers={"authorization": f"Bearer {hosted.token('you')}"},
            timeout=30,
        )  # fmt: skip
        await stack.enter_async_context(person)
        made = Standing(fleet, hosted, sandbox, person, log)
        await _listen(made, stack)
        await fleet.start()
        assert fleet.ingest.server is not None
        hosted.hook(fleet.ingest.server.url, fleet.webhook_secret)
        await made.settled()
        yield made


async def _listen(made: Standing, stack: AsyncExitStack) -> None:
    """An ear of our own on the bus: another consumer of everything."""
    driver = made.fleet.bus.driver()
    queue = Queue("bench.everything", ("#",), prefetch=1000)
    await driver.declare(queue)
    inlet = await driver.open(queue)

    async def listen() -> None:
        while batch := await inlet.take(1000):
            now = time.perf_counter()
            for delivery in batch:
                said = delivery.envelope
                body = json.loads(said.body)
                made.events.append(Event(now, said.topic, said.sender, said.correlation, body))
            await inlet.settle([Done(delivery) for delivery in batch])
            made.heard.set()

    task = asyncio.create_task(listen())

    async def stop() -> None:
        await inlet.cease()
        await task

    stack.push_async_callback(stop)


def issue(number: int) -> dict[str, object]:
    """An issue about part `number`, as a person would write it."""
    brief = Brief(paths=(f"parts/part_{number}.py",), rules=("F401",))
    words = f"`import os` in part {number} is used by nobody.\n\n{write_brief(brief)}"
    return {"title": f"Mend unused imports in part {number}", "body": words}


def make_source(folder: Path, *, faulty: int, clean: int) -> Path:
    """A repository with one commit: `faulty` parts with an unused import, `clean` without."""
    files = {".gatefleet.yml": POLICY, "pyproject.toml": PYPROJECT, "tests/test_parts.py": TEST}
    files["parts/__init__.py"] = '"""Parts."""\n'
    for number in range(faulty + clean):
        words = FAULTY if number < faulty else CLEAN
        files[f"parts/part_{number}.py"] = words.format(n=number)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    named = {
        f"GIT_{who}_{key}": value
        for who in ("AUTHOR", "COMMITTER")
        for key, value in AUTHOR.items()
    }
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "Parts")):
        subprocess.run(["git", *command], cwd=folder, check=True, env=_environment(named))
    return folder


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **more}
