"""Answers: JSON with an ETag, GitHub's error form, rate-limit headers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.local_forge.problems import Problem

DOCUMENTATION = "https://docs.github.com/rest"
JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An answer's bytes, and their ETag."""

    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler says; `raw` instead of `body` for bytes, `items` names a wrapped list."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    items: str | None = None
    sealed: Sealed | None = None

    def truncated(self) -> "Answer":
        """The same list without its last item, as if nothing were missing (a fault)."""
        body = self.body
        if isinstance(body, list):
            body = body[:-1]
        elif self.items is not None:
            body = {**body, self.items: body[self.items][:-1]}
        return Answer(body, self.status, self.headers, self.raw, self.items)

    def content(self) -> bytes:
        """The bytes of the answer."""
        if self.raw is not None:
            return self.raw
        if self.body is None:
            return b""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()

    def seal(self) -> "Answer":
        """The same with its bytes and its ETag worked out, once for every time it is given."""
        content = self.content()
        etag = f'W/"{hashlib.sha256(content).hexdigest()}"'
        return replace(self, sealed=Sealed(content, etag))


def refusal(problem: Problem) -> Answer:
    """A problem as GitHub's error JSON."""
    errors = [
        {
            "resource": error.resource,
            "field": error.field,
            "code": error.code,
            "message": error.message,
        }
        for error in problem.errors
    ]
    body = failure(problem.message, problem.status)
    return Answer({**body, "errors": errors} if errors else body, problem.status)


def failure(message: str, status: int) -> dict[str, Any]:
    """An error's body without any list of fields."""
    return {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}


def respond(request: Request, answer: Answer, headers: Mapping[str, str]) -> Response:
    """The HTTP response; 304 without a body where the caller has it already."""
    is_read = request.method == "GET" and answer.status == 200
    sealed = (answer.sealed or answer.seal().sealed) if is_read else None
    kind = "application/octet-stream" if answer.raw is not None else JSON_TYPE
    shown = {"content-type": kind, **headers, **answer.headers}
    if sealed is not None:
        shown |= {"ETag": sealed.etag, "Cache-Control": "private, max-age=60, s-maxage=60"}
        if _has(request, sealed.etag):
            del shown["content-type"]
            return Response(status_code=304, headers=shown)
        return Response(sealed.content, 200, shown)
    if answer.status == 204:
        del shown["content-type"]
    return Response(answer.content(), answer.status, shown)


def _has(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or etag in [part.strip() for part in given.split(",")]
