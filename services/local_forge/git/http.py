"""Git over smart HTTP: clone, fetch and authenticated push, by `git http-backend` behind ASGI.

Bodies are streamed both ways. Who may come in is the grant that `authorise` gives; what a push may
move is decided by the server's `update` hook; what it did move is told by the `post-receive` hook and
handed to `on_push` before the client sees the end of the answer.
"""

import base64
import binascii
import re
from asyncio import Lock
from collections.abc import Awaitable, Callable
from pathlib import Path
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.local_forge.git.backend import Exchange
from services.local_forge.git.facts import GitGrant, RefUpdate

Authorise = Callable[[str, str, str | None, str], Awaitable[GitGrant]]
"""Owner, repository, token (None: anonymous) and service to what that token may do."""

OnPush = Callable[[str, str, str, list[RefUpdate]], Awaitable[None]]
"""Owner, repository, login and the refs that moved."""

READ = "git-upload-pack"
WRITE = "git-receive-pack"
NOT_FOUND = "Repository not found.\n"
WHO_ARE_YOU = "Send a token as the password (any user name).\n"
MAY_NOT_WRITE = "{login} may not push to {repo}; ask for the write role.\n"
NO_DUMB_PROTOCOL = "Only git's smart protocol is served; use git 1.6.6 or later.\n"

_PATH = re.compile(
    rf"/(?P<owner>[A-Za-z0-9][A-Za-z0-9-]{{0,99}})/(?P<name>[A-Za-z0-9_.-]{{1,100}}?)(\.git)?"
    rf"/(?P<what>info/refs|{READ}|{WRITE})"
)
_BASIC = {"WWW-Authenticate": 'Basic realm="git", charset="UTF-8"'}


class GitHttp:
    """An ASGI app for `/{owner}/{name}[.git]/info/refs`, `…/git-upload-pack`, `…/git-receive-pack`."""

    def __init__(self, root: Path, *, authorise: Authorise, on_push: OnPush) -> None:
        """`root` holds `owner/name.git`."""
        self._root = root
        self._authorise = authorise
        self._on_push = on_push
        self._locks: WeakValueDictionary[Path, Lock] = WeakValueDictionary()

    def routes(self) -> list[Route]:
        """The three routes, to be mounted before the pages."""
        paths = ("info/refs", READ, WRITE)
        return [Route(f"/{{owner}}/{{name}}/{path}", self) for path in paths]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        found = _PATH.fullmatch(scope["path"])
        if found is None or found["name"] in {".", ".."}:
            await PlainTextResponse(NOT_FOUND, 404)(scope, receive, send)
            return
        owner, name, what = found["owner"], found["name"], found["what"]
        service = request.query_params.get("service", "") if what == "info/refs" else what
        grant = await self._authorise(owner, name, _token(request), service)
        folder = self._root / owner / f"{name}.git"
        refusal = _refusal(request, grant, folder, what=what, service=service)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        exchange = Exchange(request, send, folder=folder, service=service, what=what, grant=grant)
        if what != WRITE:
            await exchange.read()
            return

        async def landed(updates: list[RefUpdate]) -> None:
            await self._on_push(owner, name, grant.login or "", updates)

        await exchange.write(self._lock(folder), landed)

    def _lock(self, folder: Path) -> Lock:
        """One lock a repository: pushes land, and are told, one after the other."""
        lock = self._locks.get(folder)
        if lock is None:
            lock = self._locks[folder] = Lock()
        return lock


def _refusal(
    request: Request, grant: GitGrant, folder: Path, *, what: str, service: str
) -> Response | None:
    token = _token(request)
    if request.method != ("GET" if what == "info/refs" else "POST"):
        return PlainTextResponse("Method not allowed.\n", 405)
    if service not in (READ, WRITE):
        return PlainTextResponse(NO_DUMB_PROTOCOL, 403)
    if grant.login is None and (token is not None or service == WRITE or not grant.may_read):
        return PlainTextResponse(WHO_ARE_YOU, 401, _BASIC)
    if not grant.may_read or not (folder / "HEAD").is_file():
        return PlainTextResponse(NOT_FOUND, 404)
    if service == WRITE and not grant.may_write:
        repo = f"{folder.parent.name}/{folder.stem}"
        return PlainTextResponse(MAY_NOT_WRITE.format(login=grant.login, repo=repo), 403)
    return None


def _token(request: Request) -> str | None:
    """The password of Basic, or a bearer's token; None where there is neither."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "token"}:
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password or user
