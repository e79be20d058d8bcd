"""The forge of a simulation: local-forge in this process, over a repository of a few small files.

Requests reach it without a socket, outside of every service's life: a service that dies in the middle
of a request does not undo it. Its folder is made once and copied for every seed.
"""

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.local_forge.app import LocalForge, build
from services.local_forge.domain.actor import Actor
from services.local_forge.git.facts import NO_OBJECT, RefUpdate
from services.local_forge.settings import LocalForgeSettings
from services.local_forge.tables import Repository
from shared.clock import Clock
from tests.simulation.loop import check_alive

OWNER, NAME = "octo", "hello"
FLEET = "gatefleet[bot]"
URL = "http://127.0.0.1:8300"
FILES = 6
POLICY = """\
schedule: {proposals: []}
proposals: {quota: 2}
approval: {quiet_s: 3}
limits:
  runs_per_day: 10000
  runs_per_issue_per_day: 30
  concurrent_runs: 3
  open_pull_requests: 4
  lease: 30s
  pickup_timeout: 20s
  run_timeout: 5m
budget: {run: 1, issue: 6, day: 60}
review: {rounds: 2}
"""
PEOPLE = {"you": "admin", "ada": "write", "max": "maintain", "tri": "triage", "eve": "read"}
"""Who there is, with the role that each has at the start."""
_PERSON = {"NAME": "Ground", "EMAIL": "ground@gatefleet.invalid", "DATE": "2030-01-01T09:00:00Z"}


def source_files() -> dict[str, str]:
    """What the repository holds at the start."""
    parts = {f"part_{n}.txt": f"part {n}\n" for n in range(FILES)}
    return {".gatefleet.yml": POLICY, **parts}


def make_source(folder: Path) -> Path:
    """A repository with one commit."""
    folder.mkdir(parents=True)
    for name, text in source_files().items():
        (folder / name).write_text(text)
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    env |= {f"GIT_{who}_{k}": v for who in ("AUTHOR", "COMMITTER") for k, v in _PERSON.items()}
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "Start")):
        subprocess.run(["git", *command], cwd=folder, check=True, env=env)
    return folder


@dataclass
class Ground:
    """The forge, its one repository, and ways to reach them."""

    local: LocalForge
    repo: Repository
    folder: Path

    @property
    def bare(self) -> Path:
        """The repository itself; fetched from and pushed to by its path."""
        return self.folder / "git" / OWNER / f"{NAME}.git"

    def actor(self, login: str) -> Actor:
        """Somebody who acts."""
        return self.local.forge.accounts.actor(login)

    async def tell(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """The forge hears of a push of the fleet, as its server would tell it."""
        moved = [
            RefUpdate(ref, before.get(ref, NO_OBJECT), after.get(ref, NO_OBJECT))
            for ref in sorted({*before, *after})
            if before.get(ref) != after.get(ref)
        ]
        if moved:
            await self.local.forge.gitside.on_push(OWNER, NAME, FLEET, moved)

    def row(self) -> Repository:
        """The repository as it is now."""
        found = self.local.forge.repositories.find(OWNER, NAME)
        assert found is not None
        return found


async def open_ground(folder: Path, clock: Clock, listeners: httpx.AsyncBaseTransport) -> Ground:
    """The forge over `folder`, which was copied from a template or is made now."""
    settings = LocalForgeSettings(state=folder, public_url=URL)
    local = build(settings, clock, listeners=listeners)
    source = folder.parent / "source"
    repo = await local.forge.seed(OWNER, NAME, source)
    if local.forge.accounts.find("ada") is None:
        for login, role in PEOPLE.items():
            local.forge.join(login, repo, role)  # type: ignore[arg-type]  # names of roles
        make = local.forge.labels.create
        for label in ("gatefleet:stop", "priority:high"):
            make(repo, actor=local.forge.accounts.actor("you"), name=label)
    return Ground(local, repo, folder)


Meddle = Callable[[httpx.Request], "Awaitable[httpx.Response | None]"]


class Door(httpx.AsyncBaseTransport):
    """A service's way to the forge: `before` may answer in its place, `after` may lose the answer."""

    def __init__(self, ground: Ground, *, before: Meddle, after: Meddle) -> None:
        self._inner = httpx.ASGITransport(app=ground.local.app)
        self._before = before
        self._after = after

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request. What it does is done even if whoever asked is dead by then."""
        check_alive()
        refused = await self._before(request)
        check_alive()
        if refused is not None:
            return refused
        loop = asyncio.get_running_loop()
        answering = loop.create_task(self._answer(request), context=Context())
        response = await asyncio.shield(answering)
        lost = await self._after(request)
        check_alive()
        return response if lost is None else lost

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=content)
