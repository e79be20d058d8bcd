"""A real forge in this process: local-forge over a small git repository, reached without a socket."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx

from services.local_forge.app import LocalForge, build
from services.local_forge.domain.actor import Actor
from services.local_forge.domain.forge import Forge
from services.local_forge.settings import LocalForgeSettings
from services.local_forge.tables import Repository
from shared.forge.facts import ForgeAddress
from shared.forge.github.open import GitHubReader, GitHubWriter, open_reader, open_writer
from tests.forge.github.description.described import Described
from tests.forge.scripted import PatientClock

BRANCH = "gatefleet/issue-1/0123456789ab"


@dataclass(frozen=True)
class World:
    """The forge, its repository, the fleet's client and a person; what passes is `described`."""

    local: LocalForge
    repo: Repository
    clock: PatientClock
    address: ForgeAddress
    described: Described

    @property
    def forge(self) -> Forge:
        """Its domain: what people do is done there."""
        return self.local.forge

    @property
    def you(self) -> Actor:
        """The person."""
        return self.forge.accounts.actor("you")

    def writer(self, *, as_app: bool = True, token: str = "fleet") -> GitHubWriter:
        """The gatekeeper's client."""
        app = self.forge.accounts.app("gatefleet")
        address = replace(self.address, app_id=app.id) if as_app and app else self.address
        return open_writer(
            address,
            token=lambda: self.forge.token(token),
            clock=self.clock,
            transport=self.described,
        )

    def reader(self) -> GitHubReader:
        """An agent's client."""
        return open_reader(
            self.address,
            token=lambda: self.forge.token("reader"),
            clock=self.clock,
            transport=self.described,
        )


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """A forge with `octo/hello`, a commit on main and one more on the fleet's branch."""
    clock = PatientClock()
    settings = LocalForgeSettings(state=folder / "forge")
    local = build(settings, clock)
    repo = await local.forge.seed("octo", "hello", _source(folder / "source"))
    address = ForgeAddress(settings.url, "octo", "hello", write_spacing=timedelta(0))
    described = Described(httpx.ASGITransport(app=local.app))
    try:
        yield World(local, repo, clock, address, described)
    finally:
        await local.close()


def _source(folder: Path) -> Path:
    folder.mkdir()

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (folder / "a b.py").write_text("one = 1\n", encoding="utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "First")
    git("checkout", "-q", "-b", BRANCH)
    (folder / "a b.py").write_text("one = 1\ntwo = 2\n", encoding="utf-8")
    git("commit", "-q", "-am", "Second")
    git("checkout", "-q", "main")
    return folder


async def head_of(here: World) -> str:
    sha = await here.reader().branch_sha(BRANCH)
    assert sha is not None
    return sha


async def opened(here: World) -> int:
    made = await here.writer().create_pull_request(
        head=BRANCH, base="main", title="Count to two", body="Closes #1"
    )
    return made.number


def asked(here: World) -> int:
    """An issue by the person; its number."""
    issue = here.forge.issues.create(
        here.repo, actor=here.you, title="Count", body="To two.", labels=[]
    )
    return issue.number
