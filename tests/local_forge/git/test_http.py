"""Real `git clone`, `fetch` and `push` against the forge's smart HTTP on a loopback port."""

import asyncio
import base64
import gzip
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from services.local_forge.git.facts import NO_OBJECT, GitGrant, RefUpdate
from services.local_forge.git.http import GitHttp
from services.local_forge.git.repositories import BareRepository
from tests.local_forge.git.conftest import Source, copied, run

WRITER, READER, NOBODY = "writer-token", "reader-token", "wrong-token"


@dataclass
class Domain:
    """What the forge's domain says to the git side, and what it was told."""

    bare: BareRepository
    protected: frozenset[str] = frozenset({"main"})
    pushes: list[tuple[str, str, str, list[RefUpdate]]] = field(default_factory=list)
    asked: list[tuple[str, str, str | None, str]] = field(default_factory=list)
    head_when_told: list[dict[str, str]] = field(default_factory=list)

    async def authorise(self, owner: str, name: str, token: str | None, service: str) -> GitGrant:
        """The writer may push to `octo/hello`, both may read it, and nothing else is there."""
        self.asked.append((owner, name, token, service))
        login = {WRITER: "wendy", READER: "robin"}.get(token or "")
        there = (owner, name) == ("octo", "hello")
        may_write = there and token == WRITER
        return GitGrant(login, there and login is not None, may_write, self.protected)

    async def on_push(self, owner: str, name: str, login: str, updates: list[RefUpdate]) -> None:
        """Keep what was told."""
        self.head_when_told.append(await self.bare.branches())
        self.pushes.append((owner, name, login, updates))


@dataclass(frozen=True)
class Served:
    """A forge that listens, and a person's clone."""

    url: str
    domain: Domain
    place: Path

    async def git(self, place: Path, *arguments: str, token: str | None = WRITER) -> str:
        """Run git as the holder of `token`; the output, with `exit N` at its end."""
        header = ["-c", f"http.extraHeader=Authorization: {_basic(token)}"] if token else []
        done: subprocess.CompletedProcess[str] = await asyncio.to_thread(
            run, place, *header, *arguments, check=False
        )
        return f"{done.stdout}\nexit {done.returncode}"

    async def clone(self, name: str = "clone") -> Source:
        """A fresh clone by the writer."""
        said = await self.git(self.place, "clone", "--quiet", f"{self.url}/octo/hello.git", name)
        assert said == "\nexit 0"
        return Source(self.place / name)


def _basic(token: str) -> str:
    return "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()


@pytest.fixture
async def served(bare: BareRepository, tmp_path: Path) -> AsyncIterator[Served]:
    """`octo/hello` over HTTP on a free loopback port."""
    domain = Domain(bare)
    git = GitHttp(tmp_path / "git", authorise=domain.authorise, on_push=domain.on_push)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=list(git.routes())), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", domain, tmp_path)
    server.should_exit = True
    await serving


async def test_a_clone_has_the_repository(served: Served) -> None:
    clone = await served.clone()
    assert (clone.path / "README.md").read_text() == "# Hello\n"
    assert served.domain.asked[-1] == ("octo", "hello", WRITER, "git-upload-pack")


async def test_a_reader_clones_but_does_not_push(served: Served) -> None:
    url = f"{served.url}/octo/hello"
    assert (await served.git(served.place, "clone", "-q", url, "r", token=READER)) == "\nexit 0"
    copy = Source(served.place / "r")
    copy.commit("Mine")
    said = await served.git(copy.path, "push", "origin", "HEAD:refs/heads/x", token=READER)
    assert "403" in said
    assert said.endswith("exit 128")
    assert served.domain.pushes == []


@pytest.mark.parametrize("token", [None, NOBODY])
async def test_who_has_no_token_is_asked_for_one(served: Served, token: str | None) -> None:
    said = await served.git(served.place, "clone", f"{served.url}/octo/hello.git", "c", token=token)
    assert said.endswith("exit 128")
    assert not (served.place / "c").exists()
    async with httpx.AsyncClient() as client:
        answer = await client.get(
            f"{served.url}/octo/hello.git/info/refs?service=git-receive-pack",
            headers={"Authorization": _basic(token)} if token else {},
        )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="git", charset="UTF-8"'


async def test_a_push_moves_the_branch_and_is_told_before_git_returns(served: Served) -> None:
    clone = await served.clone()
    one = clone.commit_files("One", {"a b\nc.txt": "ü".encode()})
    said = await served.git(clone.path, "push", "-q", "origin", "HEAD:topic/ä")
    assert said == "\nexit 0"
    assert served.domain.pushes == [
        ("octo", "hello", "wendy", [RefUpdate("refs/heads/topic/ä", NO_OBJECT, one)])
    ]
    assert served.domain.head_when_told[0]["topic/ä"] == one
    assert await served.domain.bare.read_blob(one, "a b\nc.txt") == "ü".encode()


async def test_force_deletion_and_tags_on_other_branches_are_told_as_they_were(
    served: Served,
) -> None:
    clone = await served.clone()
    one = clone.commit("One")
    await served.git(clone.path, "push", "-q", "origin", "HEAD:topic")
    clone.git("tag", "v1")
    clone.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "Other")
    two = clone.git("rev-parse", "HEAD").stdout.strip()
    await served.git(clone.path, "push", "-q", "--force", "origin", "HEAD:topic", "v1")
    await served.git(clone.path, "push", "-q", "origin", ":topic")
    assert [updates for _, _, _, updates in served.domain.pushes[1:]] == [
        [
            RefUpdate("refs/heads/topic", one, two),
            RefUpdate("refs/tags/v1", NO_OBJECT, one),
        ],
        [RefUpdate("refs/heads/topic", two, NO_OBJECT)],
    ]


PROTECTED = "main is protected: push another branch and open a pull request"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("HEAD:main",), PROTECTED),
        (("--force", "HEAD:main"), PROTECTED),
        (("--force", "HEAD~2:main"), PROTECTED),
        ((":main",), "refusing to delete the current branch: refs/heads/main"),
    ],
    ids=["push", "force", "rewind", "delete"],
)
async def test_a_protected_branch_refuses_and_the_pusher_sees_why(
    served: Served, source: Source, arguments: tuple[str, ...], reason: str
) -> None:
    before = source.commit("Second on main")
    await copied(source, served.domain.bare)
    clone = await served.clone()
    clone.commit("Direct")
    said = await served.git(clone.path, "push", "origin", *arguments)
    assert reason in said
    assert said.endswith("exit 1")
    assert await served.domain.bare.head("main") == before
    assert served.domain.pushes == []


async def test_what_was_allowed_beside_a_refused_ref_is_told(served: Served) -> None:
    clone = await served.clone()
    one = clone.commit("One")
    said = await served.git(clone.path, "push", "origin", "HEAD:main", "HEAD:side")
    assert said.endswith("exit 1")
    assert [updates for _, _, _, updates in served.domain.pushes] == [
        [RefUpdate("refs/heads/side", NO_OBJECT, one)]
    ]


async def test_only_branches_and_tags_can_be_pushed(served: Served) -> None:
    clone = await served.clone()
    for ref in ("refs/pull/1/head", "refs/notes/x", "refs/replace/" + "a" * 40):
        said = await served.git(clone.path, "push", "origin", f"HEAD:{ref}")
        assert "only branches and tags can be pushed" in said
    assert await served.domain.bare.refs("refs/pull/") == {}
    assert served.domain.pushes == []


async def test_the_first_push_makes_a_protected_branch(served: Served) -> None:
    empty = BareRepository(served.place / "git" / "octo" / "empty.git")
    await empty.create("main")
    (served.place / "git" / "octo" / "hello.git").rename(served.place / "moved")
    empty.path.rename(served.place / "git" / "octo" / "hello.git")
    empty = BareRepository(served.place / "git" / "octo" / "hello.git")
    served.domain.bare = empty
    mine = Source(served.place / "source")
    said = await served.git(mine.path, "push", "-q", f"{served.url}/octo/hello", "main")
    assert said == "\nexit 0"
    assert await empty.head("main") == mine.git("rev-parse", "HEAD").stdout.strip()


async def test_a_large_push_and_a_long_fetch_go_through(served: Served) -> None:
    clone = await served.clone()
    noise = b"".join(bytes([n % 251, (n * 7) % 253]) * 3 for n in range(400_000))
    clone.commit_files("Big", {"big": noise})
    for number in range(60):
        clone.commit(f"Small {number}")
    small_buffer = ["-c", "http.postBuffer=65536"]
    said = await served.git(clone.path, *small_buffer, "push", "-q", "origin", "HEAD:big")
    assert said == "\nexit 0"
    other = await served.clone("other")
    for number in range(60):
        other.commit(f"Other {number}")  # its haves make the request long enough for gzip
    clone.commit("More")
    await served.git(clone.path, "push", "-q", "origin", "HEAD:more")
    said = await served.git(other.path, "fetch", "-q", "origin")
    assert said == "\nexit 0"
    assert other.git("rev-parse", "origin/more").stdout == clone.git("rev-parse", "HEAD").stdout


async def test_pushes_at_the_same_time_are_all_told_once(served: Served) -> None:
    clones = [await served.clone(f"c{number}") for number in range(4)]
    heads = {f"refs/heads/t{n}": clone.commit(f"C{n}") for n, clone in enumerate(clones)}
    await asyncio.gather(
        *(served.git(c.path, "push", "-q", "origin", f"HEAD:t{n}") for n, c in enumerate(clones))
    )
    told = [update for _, _, _, updates in served.domain.pushes for update in updates]
    assert {update.ref: update.new for update in told} == heads
    assert len(told) == 4


async def test_a_broken_push_moves_nothing(served: Served) -> None:
    head = await served.domain.bare.head("main")
    line = f"{NO_OBJECT} {head} refs/heads/x\0 report-status\n".encode()
    body = b"%04x" % (len(line) + 4) + line + b"0000" + b"PACK\0\0\0\2broken"
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{served.url}/octo/hello.git/git-receive-pack",
            content=body,
            headers={
                "Authorization": _basic(WRITER),
                "Content-Type": "application/x-git-receive-pack-request",
            },
        )
    assert answer.status_code == 200
    assert b"unpack" in answer.content
    assert b"ng refs/heads/x" in answer.content
    assert await served.domain.bare.head("x") is None
    assert served.domain.pushes == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/octo/nothing/info/refs?service=git-upload-pack", 404),
        ("/other/hello.git/info/refs?service=git-upload-pack", 404),
        ("/octo/hello.git/info/refs", 403),
        ("/octo/hello.git/info/refs?service=git-upload-archive", 403),
        ("/octo/hello.git/HEAD", 404),
        ("/octo/hello.git/objects/info/packs", 404),
        ("/octo/../info/refs?service=git-upload-pack", 404),
        ("/octo/%2e%2e/info/refs?service=git-upload-pack", 404),
        ("/octo/hello%2f..%2fhello.git/info/refs?service=git-upload-pack", 404),
        ("/octo/hello.git/git-upload-pack", 405),
        ("/octo/hello.git/info/refs?service=git-upload-pack", 200),
    ],
)
async def test_only_the_smart_protocol_of_known_repositories_is_served(
    served: Served, path: str, status: int
) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(
            httpx.URL(served.url, raw_path=path.encode()),
            headers={"Authorization": f"Bearer {READER}"},
        )
    assert answer.status_code == status


async def test_a_compressed_request_is_read(served: Served) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{served.url}/octo/hello.git/git-upload-pack",
            content=gzip.compress(b"0014command=ls-refs\n0000"),
            headers={
                "Authorization": _basic(READER),
                "Content-Type": "application/x-git-upload-pack-request",
                "Content-Encoding": "gzip",
                "Git-Protocol": "version=2",
            },
        )
    assert answer.status_code == 200
    assert b" refs/heads/main\n" in answer.content


async def test_a_pusher_who_hangs_up_moves_nothing_and_blocks_nobody(served: Served) -> None:
    head = await served.domain.bare.head("main")
    line = f"{NO_OBJECT} {head} refs/heads/x\0 report-status\n".encode()
    body = b"%04x" % (len(line) + 4) + line + b"0000"
    where = httpx.URL(served.url)
    reader, writer = await asyncio.open_connection(where.host, where.port)
    writer.write(
        f"POST /octo/hello.git/git-receive-pack HTTP/1.1\r\nHost: {where.host}\r\n"
        f"Authorization: {_basic(WRITER)}\r\nContent-Length: 100000\r\n"
        "Content-Type: application/x-git-receive-pack-request\r\n\r\n".encode()
        + body
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    clone = await served.clone()
    one = clone.commit("One")
    assert (await served.git(clone.path, "push", "-q", "origin", "HEAD:y")) == "\nexit 0"
    assert set(await served.domain.bare.branches()) == {"main", "y"}
    assert [updates for _, _, _, updates in served.domain.pushes] == [
        [RefUpdate("refs/heads/y", NO_OBJECT, one)]
    ]
    assert reader.at_eof() or (await reader.read()) == b""
