"""The whole forge over real git: a push moves its pull request before `git push` returns."""

import asyncio
import base64
import socket
from pathlib import Path

import httpx
import uvicorn

from services.local_forge.app import build
from services.local_forge.domain.pulls import NewPull
from services.local_forge.settings import LocalForgeSettings
from services.local_forge.shape.pulls import pull_of
from shared.clock import FakeClock
from tests.local_forge.git.conftest import Source, run

REFUSED = "main is protected: push another branch and open a pull request"


async def test_a_push_moves_the_pull_request_and_no_role_passes_the_protection(
    source: Source, tmp_path: Path
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    made = build(LocalForgeSettings(state=tmp_path / "state", public_url=url), FakeClock())
    forge = made.forge
    repo = await forge.seed("octo", "hello", source.path)
    server = uvicorn.Server(uvicorn.Config(made.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))

    async def git(place: Path, *arguments: str, token: str) -> str:
        basic = base64.b64encode(f"x-access-token:{forge.token(token)}".encode()).decode()
        header = f"http.extraHeader=Authorization: Basic {basic}"
        done = await asyncio.to_thread(run, place, "-c", header, *arguments, check=False)
        return f"{done.stdout}\nexit {done.returncode}"

    clone = Source(tmp_path / "clone")
    said = await git(tmp_path, "clone", "-q", f"{url}/octo/hello.git", "clone", token="reader")
    assert said == "\nexit 0"
    clone.commit("One", one=b"1\n")
    assert await git(clone.path, "push", "-q", "origin", "HEAD:topic", token="fleet") == "\nexit 0"
    fleet = forge.accounts.actor("gatefleet[bot]")
    pull = await forge.pulls.create(repo, actor=fleet, ask=NewPull("Topic", "topic", "main"))
    two = clone.commit("Two", two=b"2\n")
    assert await git(clone.path, "push", "-q", "origin", "HEAD:topic", token="fleet") == "\nexit 0"
    assert pull_of(forge.issues.get(repo, pull.number)).head_sha == two
    for token in ("fleet", "you"):
        said = await git(clone.path, "push", "origin", "HEAD:main", token=token)
        assert REFUSED in said
    assert "403" in await git(clone.path, "push", "origin", "HEAD:x", token="reader")
    async with httpx.AsyncClient(base_url=url) as browser:
        assert "Two" in (await browser.get(f"/octo/hello/pull/{pull.number}")).text
    server.should_exit = True
    await serving
    await made.close()
