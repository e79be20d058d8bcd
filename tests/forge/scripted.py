"""A transport that answers from a table and remembers what reached it: no forge, no socket."""

import json
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import httpx

from shared.clock import FakeClock
from shared.forge.facts import ForgeAddress
from shared.forge.github.open import GitHubReader, GitHubWriter, open_reader, open_writer

ROOT = "/repos/octo/hello"
ADDRESS = ForgeAddress(
    base_url="https://forge.example/", owner="octo", name="hello", write_spacing=timedelta(0)
)
SHA = "a" * 40
WHEN = "2030-01-01T00:00:00Z"


@dataclass(frozen=True)
class Reply:
    """One answer, or an error of the network."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] | None = None
    error: type[httpx.TransportError] | None = None


class Scripted(httpx.AsyncBaseTransport):
    """Each (method, path) has its replies in order; the last one repeats. Others are 404."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []
        self.closed = False
        self._replies: dict[tuple[str, str], deque[Reply]] = defaultdict(deque)

    def on(self, method: str, path: str, *replies: Reply) -> "Scripted":
        """Answer `path` (below the repository unless it begins with `/`) with `replies`."""
        full = path if path.startswith("/") else f"{ROOT}/{path}".rstrip("/")
        self._replies[method, full].extend(replies)
        return self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The next reply."""
        self.seen.append(request)
        waiting = self._replies.get((request.method, request.url.path))
        if not waiting:
            return httpx.Response(404, json={"message": "Not Found"}, request=request)
        reply = waiting.popleft() if len(waiting) > 1 else waiting[0]
        if reply.error:
            raise reply.error("scripted", request=request)
        content = b"" if reply.body is None else json.dumps(reply.body).encode()
        return httpx.Response(reply.status, content=content, headers=reply.headers, request=request)

    async def aclose(self) -> None:
        """Remember it."""
        self.closed = True

    @property
    def calls(self) -> list[str]:
        """`METHOD /path` of everything that arrived."""
        return [f"{request.method} {request.url.path}" for request in self.seen]

    @property
    def writes(self) -> list[str]:
        """The same, without reads."""
        return [call for call in self.calls if not call.startswith("GET ")]

    def bodies(self, method: str) -> list[object]:
        """The decoded bodies of all requests of a method."""
        return [json.loads(each.content) for each in self.seen if each.method == method]


class PatientClock(FakeClock):
    """Sleeping takes no time but is remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept.append(seconds)
        self.advance(seconds)


def reader(forge: Scripted, address: ForgeAddress = ADDRESS) -> GitHubReader:
    """A reader over the script."""
    return open_reader(address, token=lambda: "s3cret", clock=PatientClock(), transport=forge)


def writer(forge: Scripted, address: ForgeAddress = ADDRESS) -> GitHubWriter:
    """A writer over the script; it is `gatefleet[bot]`, id 7."""
    forge.on("GET", "/user", Reply(user(7, "gatefleet[bot]", kind="Bot")))
    return open_writer(address, token=lambda: "s3cret", clock=PatientClock(), transport=forge)


def user(number: int = 1, login: str = "ada", *, kind: str = "User") -> dict[str, object]:
    """An account."""
    return {"id": number, "login": login, "type": kind}


def issue(number: int = 1, **changes: object) -> dict[str, object]:
    """An issue."""
    return {
        "id": 1000 + number,
        "number": number,
        "node_id": f"I_{number}",
        "title": "Broken",
        "body": "It is broken.",
        "state": "open",
        "user": user(),
        "labels": [{"name": "bug"}],
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def comment(number: int = 5, **changes: object) -> dict[str, object]:
    """A comment on issue 1."""
    return {
        "id": number,
        "user": user(),
        "body": "Thanks.",
        "created_at": WHEN,
        "updated_at": WHEN,
        "issue_url": f"https://forge.example{ROOT}/issues/1",
        **changes,
    }


def pull(number: int = 3, **changes: object) -> dict[str, object]:
    """A pull request from the fleet's branch."""
    return {
        "number": number,
        "node_id": f"PR_{number}",
        "title": "Mend it",
        "body": "Closes #1",
        "state": "open",
        "user": user(7, "gatefleet[bot]", kind="Bot"),
        "head": {
            "ref": "gatefleet/issue-1/abc",
            "sha": SHA,
            "repo": {"full_name": "octo/hello"},
        },
        "base": {"ref": "main", "sha": "b" * 40, "repo": {"full_name": "octo/hello"}},
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def review(number: int = 9, **changes: object) -> dict[str, object]:
    """A review by the fleet."""
    return {
        "id": number,
        "user": user(7, "gatefleet[bot]", kind="Bot"),
        "body": "Two findings.",
        "state": "COMMENTED",
        "commit_id": SHA,
        "submitted_at": WHEN,
        **changes,
    }


def check_run(number: int = 11, **changes: object) -> dict[str, object]:
    """A check run of the fleet's App."""
    return {
        "id": number,
        "name": "gatefleet/gate",
        "head_sha": SHA,
        "status": "completed",
        "conclusion": "success",
        "external_id": "key",
        "started_at": WHEN,
        "completed_at": WHEN,
        "app": {"id": 42},
        "output": {"title": "Open", "summary": "All pass."},
        **changes,
    }


def status(number: int = 21, **changes: object) -> dict[str, object]:
    """A commit status."""
    return {
        "id": number,
        "context": "ci",
        "state": "success",
        "description": "fine",
        "created_at": WHEN,
        "creator": user(),
        **changes,
    }
