"""The door of the forge: whom a request names as its host, and whether REST or the site answers.

A page elsewhere can make its own name mean 127.0.0.1 and so let a browser talk to a forge on the same
machine. What gives that away is the `Host` header, which then still is that name.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.local_forge.rest.roots import ROOTS

PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by whoever runs it, under any name, and counted by nobody. It answers: so it is ready."""
FINE = "ok\n"
WRONG_HOST = "{host}: this forge does not answer to that name; use {known}\n"

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def name_of(host: str) -> str | None:
    """The name in `name:port`, in lower case; None where it is no such thing."""
    try:
        parts = urlsplit(f"//{host}")
        plain = parts.port is None or parts.port >= 0
    except ValueError:
        return None
    return parts.hostname if plain and host == parts.netloc and "@" not in host else None


class Front:
    """REST by the first word of the path, all else for the site; only under the forge's own names."""

    def __init__(self, rest: ASGIApp, site: ASGIApp, *, names: Iterable[str]) -> None:
        """`names`: hosts that the forge is reached by, beside those that mean this machine."""
        self._rest = rest
        self._site = site
        self._names = _LOOPBACK | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; 400 where its host is none of ours."""
        if scope["type"] == "http" and scope.get("path") in PROBES:
            await PlainTextResponse(FINE)(scope, receive, send)
            return
        hosts = [value for name, value in scope.get("headers", ()) if name == b"host"]
        host = hosts[0].decode("latin-1") if len(hosts) == 1 else ""
        if scope["type"] == "http" and name_of(host) not in self._names:
            said = WRONG_HOST.format(host=host or "no host", known=", ".join(sorted(self._names)))
            await PlainTextResponse(said, 400)(scope, receive, send)
            return
        first = scope.get("path", "/").split("/")[1:2]
        is_rest = scope["type"] == "http" and first and first[0] in ROOTS
        await (self._rest if is_rest else self._site)(scope, receive, send)
