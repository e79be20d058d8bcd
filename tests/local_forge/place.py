"""A forge with the repository `octo/hello`, and clients with each seeded token."""

import os
import subprocess
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from services.local_forge.app import LocalForge
from services.local_forge.domain.forge import Forge
from services.local_forge.domain.witness import body_digest
from services.local_forge.git.facts import NO_OBJECT, RefUpdate
from services.local_forge.tables import Repository
from services.local_forge.tables.people import Role
from shared.clock import FakeClock

URL = "http://forge.test"
REPO = "/repos/octo/hello"
FILES = {"README.md": "# Hello\n", "src/greet.py": "def greet():\n    return 1\n\n\nA = 1\nB = 2\n"}

GIT_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Tester",
    "GIT_AUTHOR_EMAIL": "tester@example.org",
    "GIT_COMMITTER_NAME": "Tester",
    "GIT_COMMITTER_EMAIL": "tester@example.org",
    "GIT_AUTHOR_DATE": "2030-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2030-01-01T00:00:00Z",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a work tree; answers what it printed."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=GIT_ENV, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def write(folder: Path, files: dict[str, str]) -> None:
    """Write text files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def make_source(folder: Path) -> Path:
    """A repository with one commit on `main`."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    write(folder, FILES)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "First")
    return folder


@dataclass
class Place:
    """What a test stands in."""

    local: LocalForge
    clock: FakeClock
    work: Path
    stack: AsyncExitStack
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def forge(self) -> Forge:
        """The domain."""
        return self.local.forge

    @property
    def repo(self) -> Repository:
        """`octo/hello` as it is now."""
        return self.forge.repositories.get("octo", "hello")

    @property
    def you(self) -> httpx.AsyncClient:
        """The person, an admin."""
        return self.clients["you"]

    @property
    def fleet(self) -> httpx.AsyncClient:
        """The fleet's application, with write."""
        return self.clients["fleet"]

    @property
    def reader(self) -> httpx.AsyncClient:
        """The fleet's read-only token."""
        return self.clients["reader"]

    async def client(self, token: str | None) -> httpx.AsyncClient:
        """A client with that token, closed at the test's end."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.local.app), base_url=URL, headers=headers
        )
        return await self.stack.enter_async_context(made)

    async def person(self, login: str, role: Role) -> httpx.AsyncClient:
        """A client of a new person with that role."""
        self.forge.join(login, self.repo, role)
        return await self.client(self.forge.accounts.issue_token(login))

    async def issue(self, by: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
        """A new issue."""
        body = {"title": "Greet people", "body": "Please.", **fields}
        made: dict[str, Any] = json_of(await by.post(f"{REPO}/issues", json=body), 201)
        return made

    async def push(
        self, branch: str, files: dict[str, str], *, by: str = "gatefleet[bot]", force: bool = False
    ) -> str:
        """A commit on `branch` (from `main` if it is new), pushed; answers its SHA."""
        bare = self.forge.repositories.git(self.repo)
        if not self.work.exists():
            git(self.work.parent, "clone", "-q", str(bare.path), self.work.name)
        old = await bare.head(branch)
        start = "origin/main" if old is None or force else f"origin/{branch}"
        git(self.work, "fetch", "-q", "origin")
        git(self.work, "checkout", "-q", "-B", branch, start)
        write(self.work, files)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-qm", f"Change {', '.join(sorted(files))}")
        git(self.work, "push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}")
        new = git(self.work, "rev-parse", "HEAD")
        update = RefUpdate(f"refs/heads/{branch}", old or NO_OBJECT, new)
        await self.forge.gitside.on_push("octo", "hello", by, [update])
        return new

    async def pull(self, branch: str = "topic", **fields: Any) -> dict[str, Any]:
        """The fleet's pull request with one changed line of `src/greet.py`."""
        await self.push(branch, {"src/greet.py": FILES["src/greet.py"].replace("1\n\n", "2\n\n")})
        body = {"title": "Return 2", "head": branch, "base": "main", **fields}
        made: dict[str, Any] = json_of(await self.fleet.post(f"{REPO}/pulls", json=body), 201)
        return made

    async def timeline(self, number: int) -> list[dict[str, Any]]:
        """The timeline of an issue or a pull request."""
        found: list[dict[str, Any]] = json_of(
            await self.you.get(f"{REPO}/issues/{number}/timeline")
        )
        return found


def json_of(response: httpx.Response, status: int = 200) -> Any:
    """The body, after the status was checked."""
    assert response.status_code == status, response.text
    return response.json()


def errors_of(response: httpx.Response) -> list[tuple[str, str]]:
    """`(field, code)` of a 422."""
    assert response.status_code == 422, response.text
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


def body_of_refs(old: str, new: str) -> str:
    """How the write log writes a moved ref."""
    return body_digest(f"{old} {new}".encode())
