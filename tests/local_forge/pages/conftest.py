"""A forge with one repository in the middle of its work, and browsers that look at it."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from sqlalchemy import create_engine
from starlette.applications import Starlette

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.checks import CheckChange
from services.local_forge.domain.forge import Forge
from services.local_forge.domain.pulls import NewPull
from services.local_forge.domain.reviews import Inline, NewReview
from services.local_forge.git.facts import RefUpdate
from services.local_forge.pages.routes import page_routes
from services.local_forge.tables import Base, Issue, Repository
from shared.clock import FakeClock

URL = "http://forge.test"
START = datetime(2030, 1, 1, 9, 0, tzinfo=UTC)
_CSRF = re.compile(r'name="csrf" value="([^"]*)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')

MAIN_FILES = {
    "README.md": b"# Hello\n\nA small library.\n\n- [x] works\n\n<!-- a marker -->\n",
    "src/greet.py": b'def greet(name):\n    return "Hello " + name\n\n\ndef unused():\n    import os\n',
}
FIXED_FILES = {
    "src/greet.py": b'def greet(name: str) -> str:\n    return f"Hello {name}"\n',
    "docs/a b.md": b"# With a space\n",
}


@dataclass
class World:
    """The forge, its only repository `octo/hello`, and who is in it."""

    forge: Forge
    repo: Repository
    clock: FakeClock
    work: Path
    you: Actor
    fleet: Actor
    app: Starlette
    shas: dict[str, str] = field(default_factory=dict)

    def issue(self, number: int) -> Issue:
        """The issue or pull request as it is now."""
        return self.forge.issues.get(self.repo, number)

    async def push(self, branch: str, message: str, files: dict[str, bytes]) -> str:
        """The fleet pushes one commit on `branch` (made from `main` if it is new)."""
        old = await self.forge.repositories.git(self.repo).head(branch)
        self._git("checkout", "--quiet", *([branch] if old else ["-b", branch, "main"]))
        write(self.work, files)
        self._git("add", "-A")
        self._git("commit", "--quiet", "--allow-empty", "-m", message)
        sha = self._git("rev-parse", "HEAD")
        bare = self.forge.repositories.git(self.repo).path
        self._git("push", "--quiet", str(bare), f"HEAD:refs/heads/{branch}")
        update = RefUpdate(f"refs/heads/{branch}", old or "0" * 40, sha)
        await self.forge.pushes.landed(self.repo, self.fleet, [update])
        return sha

    async def check(self, name: str, sha: str, conclusion: str, text: str = "") -> None:
        """A completed check of the fleet's."""
        assert conclusion in ("success", "failure")
        output = {"title": f"{name} said {conclusion}", "summary": text}
        change = CheckChange(
            conclusion="success" if conclusion == "success" else "failure", output=output
        )
        await self.forge.checks.create(self.repo, actor=self.fleet, sha=sha, name=name, ask=change)

    def _git(self, *arguments: str) -> str:
        return git(self.work, *arguments)


@dataclass
class Browser:
    """A browser: cookies, and forms that carry what their page put into them."""

    client: httpx.AsyncClient

    async def get(self, path: str) -> httpx.Response:
        """Open a page as a browser does."""
        return await self.client.get(path, headers={"Accept": "text/html,*/*"})

    async def submit(self, page: str, action: str, **values: str) -> httpx.Response:
        """Open `page`, fill its hidden fields and `values` in, and send them to `action`."""
        html = (await self.get(page)).text
        hidden = dict(_HIDDEN.findall(html))
        return await self.client.post(action, data={**hidden, **values})

    async def log_in(self, world: World, login: str = "you") -> None:
        """By a one-time link."""
        link = urlsplit(world.forge.sessions.one_time_link(login))
        answer = await self.client.get(link.path, params=dict(parse_qsl(link.query)))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def git(place: Path, *arguments: str) -> str:
    """`git ARGUMENTS` in `place`, with fixed people and times; its output without the end."""
    when = "2030-01-01T08:00:00+00:00"
    environment = {"PATH": os.environ["PATH"], "HOME": str(place), "LC_ALL": "C.UTF-8"}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {
            f"GIT_{role}_NAME": "Gatefleet",
            f"GIT_{role}_EMAIL": "fleet@example.org",
            f"GIT_{role}_DATE": when,
        }
    done = subprocess.run(
        ["git", *arguments], cwd=place, env=environment, check=True, text=True, capture_output=True
    )
    return done.stdout.strip()


def write(place: Path, files: dict[str, bytes]) -> None:
    """Write files below `place`."""
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)


async def build_world(place: Path) -> World:
    """An open proposal (1), an approved issue (2), and a reviewed pull request (3) for it."""
    work = place / "work"
    work.mkdir()
    git(work, "init", "--quiet", "-bmain")
    write(work, MAIN_FILES)
    git(work, "add", "-A")
    git(work, "commit", "--quiet", "-m", "First")
    forge = _forge(place, START)
    await forge.seed("octo", "hello", work)
    world = open_world(place, forge)
    _issues(world)
    await _pull(world)
    return world


def open_world(place: Path, forge: Forge) -> World:
    """The world that `build_world` left in `place`."""
    assert isinstance(forge.context.clock, FakeClock)
    return World(
        forge=forge,
        repo=forge.repositories.get("octo", "hello"),
        clock=forge.context.clock,
        work=place / "work",
        you=forge.accounts.actor("you"),
        fleet=forge.accounts.actor("gatefleet[bot]"),
        app=Starlette(routes=list(page_routes(forge))),
    )


def _forge(place: Path, now: datetime) -> Forge:
    engine = create_engine(f"sqlite:///{place / 'forge.db'}")
    Base.metadata.create_all(engine)
    return Forge(engine, state=place / "state", url=URL, clock=FakeClock(now))


def _issues(world: World) -> None:
    body = (
        "**Why**: `unused()` does nothing.\n\n- [ ] it is gone\n\n<!-- gatefleet:x -->\n\nSee #2."
    )
    world.forge.issues.create(
        world.repo, actor=world.fleet, title="Remove the unused function", body=body,
        labels=["proposed"],
    )  # fmt: skip
    world.clock.advance(120)
    second = world.forge.issues.create(
        world.repo, actor=world.you, title="Type hints are missing", body="In `greet`."
    )
    world.forge.labels.add(second, actor=world.you, names=["approved"])
    world.forge.comments.create(second, actor=world.fleet, body="Working on it.")
    world.clock.advance(3600)


async def _pull(world: World) -> None:
    forge, repo = world.forge, world.repo
    head = await world.push("gatefleet/issue-2/x", "Add type hints", FIXED_FILES)
    ask = NewPull("Add type hints", "gatefleet/issue-2/x", "main", "Closes #2")
    pull = await forge.pulls.create(repo, actor=world.fleet, ask=ask)
    await world.check("gatefleet/tests", head, "success", "2 passed")
    await world.check("gatefleet/review", head, "failure", "The **return type** is not tested.")
    finding = Inline("src/greet.py", 1, "Test the `str` here.")
    review = NewReview("COMMENT", "One finding.", comments=[finding])
    await forge.reviews.create(pull, actor=world.fleet, ask=review)
    world.shas["head"] = head


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime, dict[str, str]]:
    """A built world's folder, its time and its commits: built once, since git takes its time."""
    place = tmp_path_factory.mktemp("world")

    async def build() -> tuple[Path, datetime, dict[str, str]]:
        built = await build_world(place)
        built.forge.context.store.close()
        return place, built.clock.now(), built.shas

    return asyncio.run(build())


@pytest.fixture
def world(tmp_path: Path, template: tuple[Path, datetime, dict[str, str]]) -> Iterator[World]:
    """A copy of the world of `build_world`, to be changed freely."""
    place, now, shas = template
    shutil.copytree(place, tmp_path / "world")
    made = open_world(tmp_path / "world", _forge(tmp_path / "world", now))
    made.shas.update(shas)
    yield made
    made.forge.context.store.close()


@pytest.fixture
async def anybody(world: World) -> AsyncIterator[Browser]:
    """A browser without a login."""
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield Browser(client)


@pytest.fixture
async def you(world: World) -> AsyncIterator[Browser]:
    """The browser of `you`, who is an admin."""
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        browser = Browser(client)
        await browser.log_in(world)
        yield browser
