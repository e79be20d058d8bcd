"""One simulation: the forge, the services, the people, the weather, under one seed."""

import asyncio
import inspect
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from uuid import UUID

import httpx

from services.local_forge.domain.forge import Forge
from services.local_forge.domain.listing import Listing
from services.local_forge.tables import Issue
from shared.bus import quiet
from shared.bus.driver import Delivery, Queue
from shared.messages import read
from shared.messages.work import RunCancelled, WorkRequest
from tests.simulation.acting import DOINGS, IMPOSSIBLE, Act
from tests.simulation.asked import Asked, Told
from tests.simulation.building import SECRET, SERVICES, Builder
from tests.simulation.carrying import Weather
from tests.simulation.ending import converged, rebuilt
from tests.simulation.ground import PEOPLE, Door, Ground, open_ground
from tests.simulation.lives import Lives
from tests.simulation.loop import Life, SimulatedClock, SimulatedLoop
from tests.simulation.offices import Office
from tests.simulation.processes import Arguments, Processes, Ran
from tests.simulation.thinking import Mind, Spent
from tests.simulation.truth import IssueTruth, Truth
from tests.simulation.watching import (
    Violation,
    watch_merges,
    watch_money,
    watch_pushes,
    watch_write,
)
from tests.simulation.webhooks import Listeners

SETTLE_S = 1800.0
"""So long in virtual time everything may take to come to rest once faults have stopped."""


class World:
    """Everything of one simulation at hand."""

    def __init__(self, asked: Asked, loop: SimulatedLoop, processes: Processes) -> None:
        self.asked = asked
        self.loop = loop
        self.clock = SimulatedClock(loop)
        self.weather = Weather(Random(f"{asked.seed} weather"))
        self.truth = Truth(loop.time)
        self.told = Told(asked.seed)
        self.by_hand: set[str] = set()
        self.merged: set[int] = set()
        self.published: dict[tuple[UUID, int], str] = {}
        self.spent: list[Spent] = []
        self.issue_cap_micros = 6_000_000
        self.crashable = asked.services
        self.order = SERVICES
        self.broken: Violation | None = None
        self.ends = False
        self.state = Path()
        processes.around = self._around

    ground: Ground
    lives: Lives

    @property
    def forge(self) -> Forge:
        """The forge's domain."""
        return self.ground.local.forge

    def now(self) -> float:
        """Virtual seconds."""
        return self.loop.time()

    def step(self, kind: str, what: str = "") -> None:
        """One thing happened."""
        self.told.steps += 1
        self.told.kinds[kind] += 1
        self.told.digest = hash((self.told.digest, kind, what, round(self.now(), 3)))

    def say(self, line: str) -> None:
        """A line of the story."""
        whole = f"{self.now():9.2f} {line}"
        self.told.lines.append(whole)
        self.asked.trace(whole)

    def all_issues(self) -> list[Issue]:
        """Everything on the forge."""
        listing = Listing(state="all", sort="created", direction="asc")
        return list(self.ground.local.forge.issues.list(self.ground.row(), listing))

    def truth_now(self) -> None:
        """What the forge did by itself, and what the fleet opened or took off."""
        for issue in self.all_issues():
            if issue.pull:
                continue
            truth = self.truth.issues.get(issue.number)
            if truth is None:
                truth = IssueTruth("", (issue.title, issue.body or ""), by_fleet=True)
                self.truth.issues[issue.number] = truth
            labelled = any(each.name == "approved" for each in issue.labels)
            closed = issue.state == "closed"
            if labelled != truth.labelled or closed != truth.closed:
                self.truth.note(issue.number)
            truth.labelled = labelled
            if not labelled:
                truth.acts[:] = [act for act in truth.acts if act.comment is not None]
            if closed:
                truth.acts.clear()
            truth.closed = closed

    closed_by_merge = truth_now

    def heard(self, name: str, queue: Queue, delivery: Delivery) -> None:
        """A message was settled."""
        topic = delivery.envelope.topic
        self.step("message", f"{name} {topic} {delivery.envelope.id}")
        if name != "gatekeeper" or not topic.startswith("work."):
            return
        message = read(topic, delivery.envelope.body)
        if isinstance(message, WorkRequest):
            self.truth.dispatched[message.run].append((self.now(), message.generation))
        elif isinstance(message, RunCancelled) and message.holder is None:
            self.truth.cancelled[message.run].append((self.now(), message.generation))

    def door(self, name: str) -> Door:
        """A service's way to the forge."""

        async def before(request: httpx.Request) -> httpx.Response | None:
            if self.weather.strikes(0.06):
                await asyncio.sleep(self.weather.random.choice((0.05, 0.4)))
            if self.weather.strikes(0.03):
                raise httpx.ConnectError("the simulation lost the request")
            return None

        async def after(request: httpx.Request) -> httpx.Response | None:
            self.step("request", f"{name} {request.method} {request.url.path}")
            if name == "gatekeeper" and request.method != "GET":
                self._check(lambda: watch_write(self, request.method, request.url.path))
            if self.weather.strikes(0.03):
                raise httpx.ReadTimeout("the simulation lost the answer")
            return None

        return Door(self.ground, before=before, after=after)

    def _check(self, look: Callable[[], None]) -> None:
        try:
            look()
        except Violation as error:
            self.broken = self.broken or error

    async def _around(self, args: Arguments, run: Callable[[], Ran]) -> Ran:
        if "push" not in args[:4] or str(self.ground.bare) not in args:
            return run()
        self.step("push")
        git = self.ground.local.forge.repositories.git(self.ground.repo)
        before = await git.refs("refs/heads/")
        ran = run()
        after = await git.refs("refs/heads/")
        try:
            await watch_pushes(self, before, after)
        except Violation as error:
            self.broken = self.broken or error
        await self.ground.tell(before, after)
        return ran

    # The course of it

    async def run(self, template: Path, folder: Path) -> None:
        """From an empty state to the end, or to the first violation."""
        shutil.copytree(template, folder)
        await self.open(folder)
        try:
            await self._begin()
            for act in self.asked.acts:
                await asyncio.sleep(act.wait)
                await self._act(act)
                self.look()
            await self._calm_down()
            await self.settle()
            self.look()
            await converged(self)
            if self.asked.rebuilds:
                await rebuilt(self)
        finally:
            self.told.virtual_s = self.now()
            await self.close()

    async def open(self, folder: Path) -> None:
        """The forge, and services that were not begun."""
        listeners = Listeners(self.weather)
        self.ground = await open_ground(folder / "forge", self.clock, listeners)
        for login, role in PEOPLE.items():
            self.truth.role(login, role)
        self.state = folder / "fleet"
        mind = Mind(self.asked.seed, self.clock, self.spent.append, lambda: self.ends)
        git_url = str(self.ground.bare.parent.parent)
        office = Office(self.state, git_url, self.clock, mind)
        builder = Builder(self.ground, self.clock, self.state, self.door, office, self.asked.desk)
        self.lives = Lives(builder, self.clock, self.weather, self.heard)
        listeners.lives = self.lives
        self.loop.point = self._point

    async def _begin(self) -> None:
        await self.lives.start_all()
        forge = self.ground.local.forge
        forge.webhooks.create(
            self.ground.row(), sender=forge.accounts.get("you"),
            url="http://127.0.0.1:8310/webhook", secret=SECRET, events=["*"],
        )  # fmt: skip
        await self.ground.local.start()

    async def close(self) -> None:
        """Nothing is left."""
        await self.lives.close()
        await self.ground.local.close()

    def _point(self, where: str, life: Life) -> None:
        if where == "after":
            self.step("transaction")
        self.lives.point(where, life)

    async def _act(self, act: Act) -> None:
        self.told.acts += 1
        self.truth_now()
        self.truth.note_all()
        _, doing = DOINGS[act.name]
        try:
            done = doing(self, Random(act.chance))
            line = await done if inspect.isawaitable(done) else done
        except IMPOSSIBLE as error:
            line = f"{act.name}: not now ({type(error).__name__})"
        self.step("act", line)
        self.say(line)
        self.truth_now()

    def look(self) -> None:
        """Raise the first violation that was seen."""
        self._check(lambda: watch_money(self))
        self._check(lambda: watch_merges(self))
        if self.broken is not None:
            raise self.broken

    async def _calm_down(self) -> None:
        """Faults stop, everything runs, the kill switch is off, the policy is good."""
        self.weather.bad = 0.0
        self.ends = True
        self.lives.doomed.clear()
        self.ground.local.forge.faults.waiting.clear()
        for name in ("go_label",):
            await self._act(Act(0, name, 0))
        (self.state / "gatekeeper" / "STOP").unlink(missing_ok=True)
        for name in SERVICES:
            self.lives.restart(name)
        self.say("faults stop")

    async def settle(self) -> None:
        """Until nothing moves: polls and a reconcile included."""
        until = self.now() + SETTLE_S
        await asyncio.sleep(210)  # a reconcile, and every role that was remembered is forgotten
        in_a_row = 0
        while in_a_row < 3:
            still = not self.lives.pending and self.ground.local.idle()
            services = self.lives.services()
            still = still and len(services) == len(SERVICES) and await quiet(services)
            in_a_row = in_a_row + 1 if still else 0
            await asyncio.sleep(0.7)
            if self.now() > until:
                raise Violation(f"it does not come to rest: {await self._busy()}")

    async def _busy(self) -> str:
        found = [f"{len(self.lives.pending)} pending"] if self.lives.pending else []
        found += [] if self.ground.local.idle() else ["webhooks wait"]
        for service in self.lives.services():
            if not await service.idle():
                found.append(f"{service.name} works")
        found.append(f"{self.lives.bus.depth()} in queues")
        return ", ".join(found)
