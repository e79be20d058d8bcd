"""Watches a fleet's ports from outside and names what passes: bus, stores, jobs, sandbox, git."""

import asyncio
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from shared.bus.driver import Again, Delivery, Done, Driver, Inlet, Queue, Verdict
from shared.messages import Envelope
from shared.sandbox import Command, Finished, Sandbox
from tests.drills.points import Points
from tests.fakes.around_driver import AroundDriver

SETTLED = {Done: "ack", Again: "retry"}
SELDOM_TELLING = ("deliveries", "events", "outbox", "accounts")
JOB_STATES = {"running": "picks", "done": "ends", "queued": "postpones", "failed": "gives-up"}


@dataclass
class WatchedInlet:
    """One consumer: a point when a message is taken, and around each batch's settlement."""

    inner: Inlet
    points: Points
    service: str

    async def take(self, most: int) -> list[Delivery]:
        """As the inlet does."""
        taken = await self.inner.take(most)
        for each in taken:
            self.points.reach(f"{self.service} receive {each.envelope.topic}")
        return taken

    async def settle(self, verdicts: Sequence[Verdict]) -> None:
        """As the inlet does."""
        names = sorted({
            f"{self.service} {SETTLED.get(type(each), 'park')} {each.delivery.envelope.topic}"
            for each in verdicts
        })  # fmt: skip
        for name in names:
            self.points.reach(f"{name} before")
        await self.inner.settle(verdicts)
        for name in names:
            self.points.reach(f"{name} after")

    async def cease(self) -> None:
        """As the inlet does."""
        await self.inner.cease()

    async def close(self) -> None:
        """As the inlet does."""
        await self.inner.close()


class WatchedDriver(AroundDriver):
    """One service's way onto the bus."""

    def __init__(self, inner: Driver, points: Points) -> None:
        super().__init__(inner)
        self.points = points
        self.service = ""

    async def connect(self, service: str) -> None:
        """As the driver does."""
        self.service = service
        await super().connect(service)

    async def open(self, queue: Queue) -> Inlet:
        """As the driver does, watched."""
        return WatchedInlet(await super().open(queue), self.points, self.service)

    def publish(self, envelope: Envelope) -> asyncio.Future[bool]:
        """As the driver does, with a point before and after."""
        return asyncio.ensure_future(self._publish(envelope))

    async def _publish(self, envelope: Envelope) -> bool:
        self.points.reach(f"{self.service} publish {envelope.topic} before")
        heard = await super().publish(envelope)
        self.points.reach(f"{self.service} publish {envelope.topic} after")
        return heard


@dataclass
class WatchedSandbox:
    """A point before each program, at its first output, and after it."""

    inner: Sandbox
    points: Points
    owner: Callable[[str], str]

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
        name = f"{self.owner(str(command.workspace))} sandbox {_program(command.argv)}"
        said = command.on_output
        first = [True]

        def heard(chunk: bytes) -> None:
            if first.pop() if first else False:
                self.points.reach(f"{name} inside")
            if said is not None:
                said(chunk)

        self.points.reach(f"{name} before")
        finished = await self.inner.run(replace(command, on_output=heard))
        self.points.reach(f"{name} after")
        return finished


def _program(argv: Sequence[str]) -> str:
    """`ruff check` or `python -m pytest`, without what differs from run to run."""
    words = [Path(argv[0]).name]
    for each in argv[1:]:
        if each.startswith(("/", "-")) and each != "-m":
            break
        words.append(each)
        if len(words) == 3 or (len(words) == 2 and words[1] != "-m"):
            break
    return " ".join(words)


def owner_below(state: Path) -> Callable[[str], str]:
    """Whose a path below the fleet's state folder is: the first folder's name is the service's."""

    def owner(path: str) -> str:
        inside = path.partition(f"{state}/")[2]
        return inside.partition("/")[0] or "somebody"

    return owner


class _Marks(threading.local):
    """What the transaction of this thread has changed so far."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.committed = ""


def watch_stores(points: Points) -> None:
    """A point before and after each commit that changes a store of this process, by what it changes."""
    marks = _Marks()

    def noted(_c: Connection, _u: Any, statement: str, plain: Any, context: Any, _m: bool) -> None:
        verb, table = _change(statement)
        if table and not table.startswith(("version", "alembic")):
            given = context.compiled_parameters if context and context.compiled else []
            if table == "inbox" and not given:  # written for the driver: its values, in their order
                given = [{"consumer": plain[0]}]
            marks.found.append(_mark(verb, table, given[0] if given else {}))

    def forgotten(_c: Connection) -> None:
        marks.found.clear()

    def committing(connection: Connection) -> None:
        marks.committed = ""
        if marks.found:
            service = Path(connection.engine.url.database or "").stem
            marks.committed = f"{service} commit {_telling(marks.found)}"
            marks.found.clear()
            points.reach(f"{marks.committed} before")

    def committed(_s: Session) -> None:
        if marks.committed:
            points.reach(f"{marks.committed} after")

    event.listen(Engine, "before_cursor_execute", noted)
    event.listen(Engine, "rollback", forgotten)
    event.listen(Engine, "commit", committing)
    event.listen(Session, "after_commit", committed)


def _telling(found: Sequence[str]) -> str:
    """The change that names a transaction; a forge's are named by the first of their tables."""
    named = [each for each in found if not each.endswith(SELDOM_TELLING)]
    return min(named or found, key=lambda each: each[0])[1:]


def _change(statement: str) -> tuple[str, str]:
    words = statement.split(None, 3)
    if len(words) < 3 or words[0].upper() not in ("INSERT", "UPDATE", "DELETE"):
        return "", ""
    return words[0].upper(), words[1 if words[0].upper() == "UPDATE" else 2].strip('"')


def _mark(verb: str, table: str, given: Mapping[str, Any]) -> str:
    """What a change means; the first character says which of a transaction's changes names it."""
    if (verb, table) == ("INSERT", "inbox"):
        return f"1handles {str(given['consumer']).rpartition('.')[0].partition('.')[2]}"
    if (verb, table) == ("UPDATE", "jobs") and "state" in given:
        kind = str(given.get("name_1", "")).partition(":")[0]
        return f"2{JOB_STATES[given['state']]} {kind or 'again'}"
    if (verb, table) == ("DELETE", "outbox"):
        return "3forgets what was sent"
    if (verb, table) == ("UPDATE", "jobs"):
        return "4asks for more"
    return f"5{verb.lower()}s {table}"


def watch_git(points: Points, owner: Callable[[str], str]) -> None:
    """A point before every git process that is started on a repository of the fleet's."""

    def heard(name: str, args: tuple[Any, ...]) -> None:
        if name != "subprocess.Popen":
            return
        argv = [str(each) for each in args[1]]
        if Path(argv[0]).name == "git" and len(argv) > 2 and argv[1].startswith("--git-dir="):
            verb = next((each for each in argv[2:] if not each.startswith("-")), "")
            points.reach(f"{owner(argv[1])} git {verb}")

    sys.addaudithook(heard)
