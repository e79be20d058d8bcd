"""The last line: a transport that lets through what the allow-list names, and opens no socket else.

It sees the request as it would go out, after every layer above it, and knows nothing of them.
"""

from urllib.parse import parse_qsl

import httpx

from shared.errors import Refused
from shared.forge import bodies
from shared.forge.facts import ForgeAddress
from shared.forge.operations import Operation, find
from shared.forge.paths import canonical

NOT_AN_OPERATION = (
    "{subject}: {what} is not an operation of this client ({cause}); nothing was sent"
)

_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "host",
        "if-none-match",
        "user-agent",
        "x-github-api-version",
    }
)
"""No header that could name another method, path or host for the same request."""

_REST_SUFFIX = "/api/v3"


class Guard(httpx.AsyncBaseTransport):
    """Refuses what is not in `operations`, and hands the rest to the transport inside.

    `aclose` does nothing: a client is made for each request and would close the shared
    connections; `close_for_good` closes them.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        address: ForgeAddress,
        operations: tuple[Operation, ...],
    ) -> None:
        self._inner = inner
        self._address = address
        self._base = httpx.URL(address.base_url)
        self._operations = operations

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send an allowed request. Raises `Refused` for any other, before a socket is opened."""
        content = await request.aread()
        if cause := self.objection(request, content):
            raise Refused(
                NOT_AN_OPERATION.format(
                    subject=f"{self._address.owner}/{self._address.name}",
                    what=f"{request.method} {request.url.path}"[:200],
                    cause=cause,
                )
            )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Nothing: the connections are shared by all requests."""

    async def close_for_good(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    def objection(self, request: httpx.Request, content: bytes) -> str | None:
        """Why the request may not go out; None when it may."""
        if cause := self._about_the_envelope(request):
            return cause
        path, _, query = request.url.raw_path.decode("ascii", errors="replace").partition("?")
        parts = canonical(self._within(path))
        if parts is None:
            return "the path is not in its plain form"
        operation = find(self._operations, method=request.method, parts=parts)
        if operation is None:
            return "no such method and path"
        keys = [key for key, _ in parse_qsl(query, keep_blank_values=True)]
        if len(set(keys)) != len(keys) or not operation.query.issuperset(keys):
            return "the query holds more than is known"
        return _about_the_body(operation, request, content=content)

    def _about_the_envelope(self, request: httpx.Request) -> str | None:
        """Host, headers and transport options."""
        url, base = request.url, self._base
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
            return "another host"
        if url.userinfo or request.headers.get_list("host") not in ([], [base.netloc.decode()]):
            return "another host"
        if not _HEADERS.issuperset(request.headers):
            return "a header that is not known"
        if not {"timeout"}.issuperset(request.extensions):
            return "a transport option that is not known"
        return None

    def _within(self, path: str) -> str:
        """The path below the API's root; empty when it is elsewhere."""
        root = self._base.path.rstrip("/")
        if root.endswith(_REST_SUFFIX) and path == graphql_path(self._address.base_url):
            return "/graphql"
        return path.removeprefix(root) if path.startswith(root) else ""


def graphql_path(base_url: str) -> str:
    """Where GraphQL is served: beside `/api/v3` on GitHub Enterprise, below the root elsewhere."""
    root = httpx.URL(base_url).path.rstrip("/")
    if root.endswith(_REST_SUFFIX):
        return root.removesuffix("/v3") + "/graphql"
    return root + "/graphql"


def _about_the_body(operation: Operation, request: httpx.Request, *, content: bytes) -> str | None:
    if not content:
        return None if operation.body(None) else "a body is missing"
    if request.headers.get_list("content-type") != ["application/json"]:
        return "the body is not plain JSON"
    try:
        allowed = operation.body(bodies.decode(content))
    except (ValueError, RecursionError):
        return "the body is not plain JSON"
    return None if allowed else "the body holds more than is known"
