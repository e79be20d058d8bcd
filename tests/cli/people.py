"""A state folder with an embedded forge that nobody runs, and people who act on it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from services.cli.commands import run
from services.fleet.hosting import Hosted, host
from services.local_forge.domain.listing import Listing
from shared.clock import SystemClock
from tests.local_forge.place import make_source

T = TypeVar("T")
STOP = Path("fleet") / "gatekeeper" / "STOP"


@dataclass(frozen=True)
class Printed:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line on stderr."""
        (line,) = self.err.splitlines()
        return line

    def json(self) -> dict[str, Any]:
        """The object on stdout."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@dataclass(frozen=True)
class Folder:
    """The state folder, and the commands that name it."""

    state: Path
    shown: pytest.CaptureFixture[str]

    def on_forge(self, work: Callable[[Hosted], T]) -> T:
        """Do something on the forge, as its people do."""

        async def hosted() -> T:
            forge = await host(self.state / "forge", "octo/hello", None, SystemClock())
            try:
                return work(forge)
            finally:
                await forge.stop()

        return asyncio.run(hosted())

    def run(self, *arguments: str) -> Printed:
        """Run a command on it."""
        self.shown.readouterr()
        code = run([*arguments, "--state", str(self.state)])
        printed = self.shown.readouterr()
        return Printed(code, printed.out, printed.err)

    def issue(self, *, title: str = "Greet with two", by: str = "you") -> int:
        """A new issue."""

        def make(forge: Hosted) -> int:
            domain = forge.local.forge
            return domain.issues.create(
                domain.repositories.get("octo", "hello"), actor=domain.accounts.actor(by),
                title=title, body="It should return <!-- 3 --> 2.",
            ).number  # fmt: skip

        return self.on_forge(make)

    def token(self, login: str, role: str) -> str:
        """A token of somebody with a role."""

        def make(forge: Hosted) -> str:
            domain = forge.local.forge
            domain.join(login, domain.repositories.get("octo", "hello"), role)  # type: ignore[arg-type]  # of a table
            return domain.accounts.issue_token(login)

        return self.on_forge(make)

    def close(self, number: int) -> None:
        """Somebody closes an issue."""

        def work(forge: Hosted) -> None:
            domain = forge.local.forge
            issue = domain.issues.get(domain.repositories.get("octo", "hello"), number)
            domain.issues.close(issue, actor=domain.accounts.actor("you"))

        self.on_forge(work)

    def comments(self, number: int) -> list[tuple[str, str]]:
        """Who said what on an issue."""

        def read(forge: Hosted) -> list[tuple[str, str]]:
            domain = forge.local.forge
            issue = domain.issues.get(domain.repositories.get("octo", "hello"), number)
            return [(each.author.login, each.body) for each in domain.comments.of(issue)]

        return self.on_forge(read)

    def issues(self) -> list[tuple[int, str, tuple[str, ...]]]:
        """Number, state and labels of every issue."""

        def read(forge: Hosted) -> list[tuple[int, str, tuple[str, ...]]]:
            domain = forge.local.forge
            rows = domain.issues.list(
                domain.repositories.get("octo", "hello"), Listing(state="all", direction="asc")
            )
            return [
                (each.number, each.state, tuple(label.name for label in each.labels))
                for each in rows
            ]

        return self.on_forge(read)


def made(state: Path, shown: pytest.CaptureFixture[str]) -> Folder:
    """One with `octo/hello`, as a fleet leaves it."""
    source = make_source(state.parent / "source")

    async def once() -> None:
        forge = await host(state / "forge", "octo/hello", source, SystemClock())
        await forge.stop()

    asyncio.run(once())
    (state / STOP).parent.mkdir(parents=True)
    return Folder(state, shown)
