"""Milliseconds of a GET at local-forge: without a network (ASGI), and over a socket.

"warm" is a repeat while nothing changed, "fresh" the first one after a write. A bare Starlette route
that answers the same bytes stands beside it: what the framework and the client cost by themselves.
"""

import asyncio
import tempfile
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from services.local_forge.app import LocalForge, build
from services.local_forge.settings import LocalForgeSettings
from shared.clock import FakeClock
from shared.runtime.serving import Served, address, listen
from tests.bench.report import Table, Wanted
from tests.local_forge.place import REPO, URL, Place, json_of, make_source

ROUNDS = 30
COMMENTS = 8
CHECKS = ("gatefleet/tests", "gatefleet/review", "gatefleet/gate")

TITLE = "GET at local-forge, median ms of {rounds} (client included; one process)"
COLUMNS = ("path", "ASGI warm", "ASGI fresh", "socket warm", "bare ASGI", "warm / bare")
BARE = "bare: a Starlette route that answers the same bytes and nothing else, over ASGI"

Times = dict[str, list[float]]


def main(wanted: Wanted) -> list[Table]:
    """`--runs` is the number of rounds."""
    rounds = wanted.times(ROUNDS)
    with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder:
        taken = asyncio.run(_figures(Path(folder), rounds))
    rows = []
    for path, times in taken.items():
        warm, fresh, socket, bare = (median(times[name]) for name in NAMES)
        shown = path.removeprefix(REPO).replace("/commits/", "/…/")[-40:]
        rows.append((shown, warm, fresh, socket, bare, round(warm / bare, 1)))
    return [Table(TITLE.format(rounds=rounds), COLUMNS, rows, (BARE,))]


NAMES = ("warm", "fresh", "socket", "bare")


async def _figures(folder: Path, rounds: int) -> dict[str, Times]:
    clock = FakeClock()
    local = build(LocalForgeSettings(state=folder / "state", public_url=URL), clock)
    await local.forge.seed("octo", "hello", make_source(folder / "source"))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(local.close)
        place = Place(local, clock, folder / "work", stack)
        for name in ("you", "fleet", "reader"):
            place.clients[name] = await place.client(local.forge.token(name))
        over_socket = await _over_socket(local, stack)
        taken: dict[str, Times] = {}
        for path in await _fill(place):
            bare = await _bare((await place.reader.get(path)).content, stack)
            taken[path] = await _measure(place, path, over_socket, bare, rounds)
        return taken


async def _over_socket(local: LocalForge, stack: AsyncExitStack) -> httpx.AsyncClient:
    listener = listen("127.0.0.1", 0)
    url = address(listener)
    server = Served(local.app, listener)
    await server.start()
    stack.push_async_callback(server.stop)
    token = local.forge.token("reader")
    headers = {"authorization": f"Bearer {token}"}
    return await stack.enter_async_context(httpx.AsyncClient(base_url=url, headers=headers))


async def _bare(body: bytes, stack: AsyncExitStack) -> httpx.AsyncClient:
    async def answer(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    app: ASGIApp = Starlette(routes=[Route("/{path:path}", answer)])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL)
    return await stack.enter_async_context(client)


async def _fill(place: Place) -> list[str]:
    """An issue with comments, a pull request with checks; answers the paths to measure."""
    await place.issue(place.fleet, labels=["proposed"])
    for _ in range(COMMENTS):
        await place.fleet.post(f"{REPO}/issues/1/comments", json={"body": "A comment."})
    pull = await place.pull(body="Closes #1")
    sha = pull["head"]["sha"]
    for name in CHECKS:
        check = {"name": name, "head_sha": sha, "conclusion": "success"}
        await place.fleet.post(f"{REPO}/check-runs", json=check)
    paths = ["issues", "issues/1", "issues/1/comments", "issues/1/timeline", "pulls/2"]
    paths += ["pulls/2/files", "git/ref/heads/main", f"commits/{sha}/check-runs"]
    paths += ["contents/README.md"]
    return [f"{REPO}/{path}" for path in paths]


async def _measure(
    place: Place, path: str, socket: httpx.AsyncClient, bare: httpx.AsyncClient, rounds: int
) -> Times:
    taken: Times = defaultdict(list)
    for number in range(rounds):
        body = {"body": f"Text {number}"}
        json_of(await place.fleet.patch(f"{REPO}/issues/comments/1", json=body))
        for name, client in (
            ("fresh", place.reader), ("warm", place.reader),
            ("socket fresh", socket), ("socket", socket), ("bare", bare),
        ):  # fmt: skip
            taken[name].append(await _timed(client, path))
    return taken


async def _timed(client: httpx.AsyncClient, path: str) -> float:
    began = perf_counter()
    answer = await client.get(path)
    took = perf_counter() - began
    answer.raise_for_status()
    return took * 1000
