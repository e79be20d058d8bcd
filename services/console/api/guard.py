"""Who is let in: those who bear the token, and ask by a name that is the console's own."""

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.console.api.problems import answer

WRONG_HOST = "is not a name of this console"
WRONG_HOST_MEND = "ask {url}, or name it in GATEFLEET_CONSOLE_HOSTS"
NO_TOKEN = "the request bears no token, or not the one of this console"  # noqa: S105
NO_TOKEN_MEND = "send `Authorization: Bearer TOKEN` with what the token file holds"  # noqa: S105
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Guard:
    """Stands before every route. Without the check of `Host` a page in a browser on this machine could
    reach it by a name that it made point here."""

    def __init__(self, token: str, url: str, names: frozenset[str]) -> None:
        self._token = token.encode()
        self._url = url
        own = urlsplit(url)
        self._names = names | {own.netloc.lower()}
        if _is_loopback(own.hostname or ""):
            self._names |= {f"{name}:{own.port}" for name in LOOPBACK}

    def around(self, app: ASGIApp) -> ASGIApp:
        """The app behind this guard."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                return
            refused = self._refuse(Request(scope))
            await (refused or app)(scope, receive, send)

        return guarded

    def _refuse(self, request: Request) -> Response | None:
        host = request.headers.get("host", "").lower()
        if host not in self._names:
            mend = WRONG_HOST_MEND.format(url=self._url)
            return answer(421, host or "host", WRONG_HOST, mend)
        if not hmac.compare_digest(_borne(request.headers), self._token):
            refused = answer(401, "token", NO_TOKEN, NO_TOKEN_MEND)
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
        return None


def _borne(headers: Headers) -> bytes:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip().encode() if kind.lower() == "bearer" else b""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
