"""One exchange with `git http-backend`: an HTTP request in, its CGI answer out, both streamed."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.types import Send

from services.local_forge.git.cloning import HOOKS
from services.local_forge.git.command import READ_SIZE_BYTES, git_environment, running
from services.local_forge.git.facts import GitGrant, RefUpdate

MAX_PUSH_BYTES = 512 * 1024 * 1024
_UPDATES = "updates"
_CONFIG = {
    "http.getanyfile": "false",
    "receive.fsckObjects": "true",
    "receive.maxInputSize": str(MAX_PUSH_BYTES),
    "receive.denyDeleteCurrent": "refuse",
}
_PASSED_HEADERS = {
    "content-type": "CONTENT_TYPE",
    "content-encoding": "HTTP_CONTENT_ENCODING",
    "git-protocol": "GIT_PROTOCOL",
}

Landed = Callable[[list[RefUpdate]], Awaitable[None]]


class Exchange:
    """One request to one repository, already allowed by `grant`."""

    def __init__(
        self,
        request: Request,
        send: Send,
        *,
        folder: Path,
        service: str,
        what: str,
        grant: GitGrant,
    ) -> None:
        self._request = request
        self._send = send
        self._folder = folder
        self._what = what
        self._service = service
        self._grant = grant

    async def read(self) -> None:
        """Serve what moves no ref."""
        async with running(["http-backend"], self._environment(None)) as process:
            await asyncio.gather(self._feed(process, None), self._answer(process))
            await process.wait()
        await self._end()

    async def write(self, lock: asyncio.Lock, landed: Landed) -> None:
        """Serve a push. Refs move, and `landed` is told, while `lock` is held.

        The body's last piece is kept back until then, so that a slow upload holds nobody up: git cannot
        finish without it.
        """
        async with contextlib.AsyncExitStack() as held:
            place = held.enter_context(tempfile.TemporaryDirectory(prefix="push-"))
            notes = Path(place) / _UPDATES

            async def take_turn() -> None:
                await held.enter_async_context(lock)

            async with running(["http-backend"], self._environment(notes)) as process:
                await asyncio.gather(self._feed(process, take_turn), self._answer(process))
                await process.wait()
            updates = _updates(notes)
            if updates:
                await landed(updates)
        await self._end()

    async def _feed(
        self, process: asyncio.subprocess.Process, before_last: Callable[[], Awaitable[None]] | None
    ) -> None:
        """The request's body into the process; `before_last` is awaited before its last piece."""
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ClientDisconnect):
            async for piece, last in _with_last(self._request.stream()):
                if last and before_last is not None:
                    await before_last()
                process.stdin.write(piece)
                await process.stdin.drain()
        process.stdin.close()

    async def _answer(self, process: asyncio.subprocess.Process) -> None:
        """The process's CGI answer out, all but its end."""
        assert process.stdout is not None
        await self._start(process.stdout)
        while piece := await process.stdout.read(READ_SIZE_BYTES):
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _start(self, out: asyncio.StreamReader) -> None:
        status, headers = 200, [(b"cache-control", b"no-cache")]
        while line := (await out.readline()).rstrip(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"status":
                status = int(value.split()[0])
            elif name.lower() == b"content-type":
                headers.append((b"content-type", value.strip()))
        if len(headers) == 1 and status == 200:
            status = 500  # the process died before it said anything
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _end(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _environment(self, notes: Path | None) -> dict[str, str]:
        """CGI's variables; CONTENT_LENGTH is left out, so that the body is read to its end."""
        headers = self._request.headers
        passed = {
            variable: headers[name] for name, variable in _PASSED_HEADERS.items() if name in headers
        }
        writer = {
            "REMOTE_USER": self._grant.login or "",
            "FORGE_PROTECTED": " ".join(sorted(self._grant.protected)),
            "FORGE_UPDATES": str(notes),
        }
        return {
            **git_environment(hooks=self._folder / HOOKS, config=_CONFIG),
            "GIT_PROJECT_ROOT": str(self._folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{self._what}",
            "QUERY_STRING": f"service={self._service}" if self._what == "info/refs" else "",
            "REQUEST_METHOD": self._request.method,
            "SERVER_PROTOCOL": "HTTP/1.1",
            **passed,
            **(writer if self._service == "git-receive-pack" else {}),
        }


async def _with_last(pieces: AsyncIterator[bytes]) -> AsyncIterator[tuple[bytes, bool]]:
    """Each piece that is not empty, with whether it is the last."""
    kept = b""
    async for piece in pieces:
        if piece and kept:
            yield kept, False
        kept = piece or kept
    if kept:
        yield kept, True


def _updates(notes: Path) -> list[RefUpdate]:
    """What the `post-receive` hook wrote; nothing where the push moved nothing."""
    if not notes.is_file():
        return []
    lines = notes.read_text(encoding="utf-8", errors="replace").splitlines()
    return [RefUpdate(ref, old, new) for old, new, ref in (line.split(" ", 2) for line in lines)]
