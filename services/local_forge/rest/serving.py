"""The way of every request: who asks, faults, the handler, the log, the answer's headers."""

import inspect
import re
from collections.abc import Awaitable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.faults import Fault
from services.local_forge.domain.forge import Forge
from services.local_forge.domain.witness import Write, body_digest
from services.local_forge.problems import (
    NOT_FOUND,
    BadCredentials,
    Forbidden,
    Invalid,
    Problem,
)
from services.local_forge.rest.answer import Answer, failure, refusal, respond
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation, word_of
from services.local_forge.rest.rates import Rates
from services.local_forge.rest.shelf import Shelf, key_of
from shared.errors import BadInput, Refused, TryLater

WHO = "Requires authentication"
READ_ONLY = "Resource not accessible by integration"
NO_QUERY = "{name}: this field is not known here"
TOO_LARGE = "The body is larger than {most} bytes; send less"

_READS = frozenset({"GET", "HEAD"})
_MOST_BODY_BYTES = 10 * 1024 * 1024


class TooLarge(Problem):
    """The body is larger than any of ours may be."""

    status = 413


class Rest:
    """An ASGI app for the operations it was given; any other request is a counted 404."""

    def __init__(self, forge: Forge, operations: tuple[Operation, ...]) -> None:
        self._forge = forge
        self._routes: dict[tuple[str, str], list[tuple[Operation, re.Pattern[str]]]] = {}
        for operation in operations:
            self._routes.setdefault(operation.place, []).append((operation, operation.pattern()))
        self._rates = Rates(forge.context.clock)
        self._shelf = Shelf()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        response = await self._serve(request)
        await response(scope, receive, send)

    async def _serve(self, request: Request) -> Response:
        method, path = request.method, scope_path(request)
        for operation, pattern in self._routes.get((method, word_of(path)), ()):
            found = pattern.fullmatch(path)
            if found is not None:
                return await self._known(request, operation, found.groupdict())
        self._forge.witness.unknown_routes[f"{method} {path}"] += 1
        if method not in _READS:
            self._log(request, "", await request.body(), status=404)
        return respond(request, Answer(failure(NOT_FOUND, 404), 404), {})

    async def _known(
        self, request: Request, operation: Operation, params: dict[str, str]
    ) -> Response:
        self._forge.witness.requests[operation.name] += 1
        fault = self._forge.faults.take(request.method, request.url.path)
        actor: Actor | None = None
        raw = b""
        try:
            actor = self._actor(request)
            raw = await _body(request)
            if fault is not None and fault.kind == "status":
                answer = _fault_answer(fault)
            else:
                answer = await self._handled(
                    request, operation, Call(self._forge, request, actor, params, raw, self._rates)
                )
        except Problem as problem:
            answer = refusal(problem)
        if operation.writes:
            self._log(request, "" if actor is None else actor.login, raw, status=answer.status)
        if fault is not None and fault.kind == "after_commit":
            answer = _fault_answer(fault)
        if fault is not None and fault.kind == "truncate":
            answer = answer.truncated()
        response = respond(request, answer, {})
        login = "" if actor is None else actor.login
        if response.status_code != 304:
            self._rates.count(login)
        response.headers.update(self._rates.headers(login))
        return response

    async def _handled(self, request: Request, operation: Operation, call: Call) -> Answer:
        if operation.writes:
            _may_write(request, call.actor, operation)
        try:
            return await self._called(operation, call)
        except TryLater as error:
            return Answer(failure(str(error), 409), 409)
        except Refused as error:
            return Answer(failure(str(error), 405), 405)
        except BadInput as error:
            return Answer(failure(str(error), 422), 422)

    async def _called(self, operation: Operation, call: Call) -> Answer:
        """Plain handlers read, or write, in one go; the others wait for git in between."""
        if inspect.iscoroutinefunction(operation.handler):
            waiting: Awaitable[Answer] = operation.handler(call)
            return await waiting
        store = self._forge.context.store
        is_kept = operation.method == "GET" and operation.is_kept
        key = key_of(call.request, call.actor) if is_kept else ()
        known = self._shelf.find(key, version=store.version) if is_kept else None
        if known is not None:
            return known
        with store.transaction() if operation.writes else store.reading():
            answer = operation.handler(call)
        assert isinstance(answer, Answer)
        if is_kept:
            answer = answer.seal()
            self._shelf.keep(key, answer, version=store.version)
        return answer

    def _actor(self, request: Request) -> Actor:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            raise BadCredentials(WHO)
        if scheme.lower() not in {"bearer", "token"}:
            raise BadCredentials
        return self._forge.accounts.authenticate(token.strip())

    def _log(self, request: Request, who: str, raw: bytes, *, status: int) -> None:
        write = Write(who, request.method, request.url.path, body_digest(raw), status)
        self._forge.witness.wrote(write)


def scope_path(request: Request) -> str:
    """The decoded path."""
    return str(request.scope["path"])


def _may_write(request: Request, actor: Actor, operation: Operation) -> None:
    if actor.scope != "write" and not operation.for_readers:
        raise Forbidden(READ_ONLY)
    for name in request.query_params:
        raise Invalid(NO_QUERY.format(name=name), field=name, code="unknown")


async def _body(request: Request) -> bytes:
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > _MOST_BODY_BYTES:
            raise TooLarge(TOO_LARGE.format(most=_MOST_BODY_BYTES))
    return bytes(raw)


def _fault_answer(fault: Fault) -> Answer:
    headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
    return Answer(failure(fault.message, fault.status), fault.status, headers)
