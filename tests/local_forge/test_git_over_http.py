"""The whole forge on a real socket: clone, push, a refused push, and what the forge makes of it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from tests.local_forge.place import GIT_ENV, REPO, Place, json_of, write


@dataclass
class Served:
    """A forge on a socket and a clone of its repository."""

    place: Place
    url: str
    clone: Path

    async def git(self, *arguments: str, token: str = "fleet") -> tuple[int, str]:
        """Run git with a seeded token, which travels in the environment; code and output."""
        header = f"Authorization: Bearer {self.place.forge.token(token)}"
        config = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": header,
            "GIT_TERMINAL_PROMPT": "0",
        }
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            cwd=self.clone if self.clone.exists() else self.clone.parent,
            env={**GIT_ENV, **config},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    async def commit(self, branch: str, files: dict[str, str]) -> str:
        """A commit on a new branch of the clone; answers its SHA."""
        await self.git("checkout", "-q", "-B", branch)
        write(self.clone, files)
        await self.git("add", "-A")
        await self.git("commit", "-qm", "Change")
        return (await self.git("rev-parse", "HEAD"))[1].strip()


@pytest.fixture
async def served(place: Place, tmp_path: Path) -> AsyncIterator[Served]:
    """The forge listening; the socket listens before the server runs, so nobody waits."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(place.local.app, lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        made = Served(place, url, tmp_path / "clone")
        code, out = await made.git("clone", "-q", f"{url}/octo/hello.git", "clone")
        assert code == 0, out
        yield made
        server.should_exit = True
        await running


async def test_a_pushed_branch_becomes_a_pull_request_whose_head_follows(served: Served) -> None:
    place = served.place
    first = await served.commit("topic", {"x.py": "X = 1\n"})
    assert (await served.git("push", "-q", "origin", "topic"))[0] == 0
    body = {"title": "t", "head": "topic", "base": "main"}
    made = json_of(await place.fleet.post(f"{REPO}/pulls", json=body), 201)

    second = await served.commit("topic", {"y.py": "Y = 1\n"})
    assert (await served.git("push", "-q", "origin", "topic"))[0] == 0

    whole = json_of(await place.you.get(f"{REPO}/pulls/1"))
    assert (made["head"]["sha"], whole["head"]["sha"]) == (first, second)
    pushes = [str(write) for write in place.forge.write_log if write.method == "PUSH"]
    assert pushes == ["gatefleet[bot] PUSH /octo/hello.git/refs/heads/topic 200"] * 2


async def test_i15_a_push_to_the_default_branch_is_refused_and_changes_nothing(
    served: Served,
) -> None:
    git = served.place.forge.repositories.git(served.place.repo)
    before = await git.head("main")
    await served.commit("main", {"x.py": "X = 1\n"})

    for token in ("fleet", "you", "reader"):
        code, out = await served.git("push", "origin", "main", token=token)
        assert code != 0, out

    assert await git.head("main") == before
    assert served.place.forge.write_log == []


async def test_a_fetch_after_a_merge_sees_the_merge(served: Served) -> None:
    place = served.place
    await served.commit("topic", {"x.py": "X = 1\n"})
    await served.git("push", "-q", "origin", "topic")
    body = {"title": "t", "head": "topic", "base": "main"}
    json_of(await place.fleet.post(f"{REPO}/pulls", json=body), 201)
    issue = place.forge.pulls.get(place.repo, 1)
    sha = await place.forge.merging.merge_as_person(issue, actor=place.forge.accounts.actor("you"))

    code, out = await served.git("fetch", "-q", "origin")

    assert code == 0, out
    assert (await served.git("rev-parse", "origin/main"))[1].strip() == sha
    assert (await served.git("log", "-1", "--format=%s%n%n%b", sha))[1].startswith(
        "Merge pull request #1 from octo/topic\n\nt"
    )
