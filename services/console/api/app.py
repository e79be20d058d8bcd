"""The routes. Each is in docs/openapi.json, which a test holds to the answers."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from pydantic import JsonValue, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.api.changes import stream
from services.console.api.openapi import openapi
from services.console.api.problems import JSON, answer, shown
from services.console.api.rooms import Rooms
from services.console.asking import Asked, Unanswerable
from services.console.keeping import is_current
from services.console.shapes import EventTaken, Health, Shape
from shared.errors import Refused
from shared.messages.custom import NAME

NO_ROUTE = "there is nothing here"
NO_ROUTE_MEND = "GET /openapi.json lists what there is"
WRONG = "it cannot be asked like this"
NO_OBJECT = "the body is not a JSON object of at most {limit} bytes"
NO_OBJECT_MEND = 'send an object such as {"focus": "error messages"} as application/json'
NO_NAME = "is no name of an event"
NO_NAME_MEND = "use lower-case words joined by dots, such as sentry.alert"
BODY_BYTES = 64 * 1024

Answer = Callable[[Request], Awaitable[Response]]


def api(rooms: Rooms) -> Starlette:
    """The app, without the guard that stands before it."""
    desk = _Desk(rooms)
    routes = [
        Route("/api/status", desk.status),
        Route("/api/repository", desk.repository),
        Route("/api/inbox", desk.inbox),
        Route("/api/issues/{number:int}", desk.issue),
        Route("/api/issues/{number:int}/log", desk.log),
        Route("/api/proposals", desk.proposals),
        Route("/api/changes", desk.changes),
        Route("/api/events/{name}", desk.say, methods=["POST"]),
        Route("/api/events/{event:uuid}", desk.event),
        Route("/openapi.json", desk.openapi),
        Route("/healthz", desk.healthy),
        Route("/readyz", desk.ready),
    ]
    handlers = {Unanswerable: _unanswerable, HTTPException: _refused, Refused: _too_large}
    return Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]  # as it has them


class _Desk:
    """Answers requests from the rooms behind it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def status(self, request: Request) -> Response:
        everything = request.query_params.get("all", "") in ("1", "true")
        return await self._ask(request, lambda asked: asked.status(everything=everything))

    async def repository(self, request: Request) -> Response:
        return await self._ask(request, Asked.repository)

    async def inbox(self, request: Request) -> Response:
        return await self._ask(request, Asked.inbox)

    async def issue(self, request: Request) -> Response:
        number = request.path_params["number"]
        return await self._ask(request, lambda asked: asked.issue(number))

    async def log(self, request: Request) -> Response:
        number, after = request.path_params["number"], _place(request, "after") or 0
        return await self._ask(request, lambda asked: asked.log(number, after=after))

    async def proposals(self, request: Request) -> Response:
        return await self._ask(request, Asked.proposals)

    async def event(self, request: Request) -> Response:
        event: UUID = request.path_params["event"]
        return await self._ask(request, lambda asked: asked.event(event))

    async def changes(self, request: Request) -> Response:
        after = request.headers.get("last-event-id")
        place = _place(request, "after") if after is None else _number(after, "Last-Event-ID")
        return await stream(self._rooms, place)

    async def say(self, request: Request) -> Response:
        name = request.path_params["name"]
        if not NAME.fullmatch(name):
            return answer(400, name, NO_NAME, NO_NAME_MEND)
        data = await _object(request)
        if data is None:
            problem = NO_OBJECT.format(limit=BODY_BYTES)
            return answer(400, f"POST /api/events/{name}", problem, NO_OBJECT_MEND)
        event = await self._rooms.say(
            name, data, key=request.headers.get("idempotency-key", ""),
            repository=request.query_params.get("repository"),
        )  # fmt: skip
        return _json(EventTaken(event=event, topic=f"custom.{name}.v1"), status=202)

    async def openapi(self, _request: Request) -> Response:
        return Response(openapi(), media_type=JSON)

    async def healthy(self, _request: Request) -> Response:
        return _json(Health(ok=True))

    async def ready(self, _request: Request) -> Response:
        ok = await self._rooms.ask(is_current)
        return _json(Health(ok=ok), status=200 if ok else 503)

    async def _ask(self, request: Request, question: Callable[[Asked], Shape]) -> Response:
        repository = request.query_params.get("repository")
        return _json(await self._rooms.ask(lambda session: question(Asked(session, repository))))


def _json(shape: Shape, *, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(shape.model_dump_json() + "\n", status, headers, media_type=JSON)


def _place(request: Request, name: str) -> int | None:
    given = request.query_params.get(name)
    return _number(given, name) if given is not None else None


def _number(given: str, name: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Unanswerable(
            400, name, f"{given[:40]!r} is no place in the log", "send a whole number"
        )
    return int(given)


async def _object(request: Request) -> dict[str, object] | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            return None
    try:
        return TypeAdapter(dict[str, JsonValue]).validate_json(body or b"{}")  # type: ignore[return-value]  # of JSON
    except ValidationError:
        return None


def _unanswerable(_request: Request, error: Unanswerable) -> Response:
    return shown(error.status, error.problem)


def _too_large(request: Request, error: Refused) -> Response:
    return answer(413, request.url.path, str(error), NO_OBJECT_MEND)


def _refused(request: Request, error: HTTPException) -> Response:
    problem = NO_ROUTE if error.status_code == 404 else f"{WRONG} ({error.detail})"
    refused = answer(
        error.status_code, f"{request.method} {request.url.path}", problem, NO_ROUTE_MEND
    )
    refused.headers.update(error.headers or {})
    return refused
