"""Log a browser in by its one-time link, and out again."""

from starlette.requests import Request
from starlette.responses import Response

from services.local_forge.pages.site import Ask, cookie_name, go
from services.local_forge.problems import Forbidden

LINK_USED = "This login link was used before or is too old; make a new one and open that."


async def log_in(ask: Ask) -> Response:
    """Redeem the link and set the session's cookie."""
    if ask.request.method != "GET":  # a HEAD, as previews send it, must not use the link up
        return Response(status_code=204)
    cookie = ask.forge.sessions.redeem(ask.request.query_params.get("token", ""))
    if cookie is None:
        raise Forbidden(LINK_USED)
    response = go("/")
    _set(response, ask.request, cookie)
    return response


async def log_out(ask: Ask) -> Response:
    """End the session."""
    cookie = ask.request.cookies.get(cookie_name(ask.request))
    if cookie:
        ask.forge.sessions.end(cookie)
    response = go("/")
    response.delete_cookie(cookie_name(ask.request))
    return response


def _set(response: Response, request: Request, cookie: str) -> None:
    response.set_cookie(
        cookie_name(request),
        cookie,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
