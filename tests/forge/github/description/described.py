"""A transport that compares what passes through it with GitHub's published description."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from openapi_schema_validator import OAS30ReadValidator, OAS30Validator, OAS30WriteValidator

_KEPT = Path(__file__).parent / "operations.json"
_SEVERAL = {"path", "ref"}
"""Parameters whose value may hold slashes, which the description cannot say."""
_UNDESCRIBED = {"/graphql"}
_WHOLE = {"required", "discriminator"}
"""What a description says of an object that is told in full."""


class Described(httpx.AsyncBaseTransport):
    """Hands requests on; keeps a line for all that GitHub would not take, or would not say so.

    An answer may say less than GitHub's, but nothing in another form.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.asked: list[str] = []
        self.answered: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Compare, ask, compare."""
        await request.aread()
        response = await self._inner.handle_async_request(request)
        answer = await response.aread()
        # Read already: a stream that ended cannot be handed on.
        given = httpx.Response(
            response.status_code,
            headers=[h for h in response.headers.multi_items() if h[0] != "transfer-encoding"],
            content=answer,
            request=request,
        )
        if request.url.path not in _UNDESCRIBED:
            where = f"{request.method} {request.url.path}"
            operation = _operation(request)
            if operation is None:
                self.asked.append(f"{where}: no such operation is described")
                return given
            self.asked += [f"{where}: {line}" for line in _of_request(request, operation)]
            self.answered += [f"{where}: {line}" for line in _of_response(given, operation)]
        return given

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()


@cache
def description() -> dict[str, Any]:
    """The operations we use, as GitHub describes them."""
    kept: dict[str, Any] = json.loads(_KEPT.read_text(encoding="utf-8"))
    return kept


@cache
def _routes() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Paths as patterns, those with the fewest parameters first."""
    paths = sorted(description()["paths"], key=lambda path: path.count("{"))
    return tuple((_pattern(path), path) for path in paths)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    fixed, names = parts[::2], parts[1::2]
    slots = [".+" if name in _SEVERAL else "[^/]+" for name in names]
    return re.compile(
        "".join(f"{re.escape(a)}{b}" for a, b in zip(fixed, [*slots, ""], strict=True))
    )


def _operation(request: httpx.Request) -> Mapping[str, Any] | None:
    path = request.url.raw_path.decode().partition("?")[0]
    found = next((name for pattern, name in _routes() if pattern.fullmatch(path)), None)
    described: Mapping[str, Any] = description()["paths"].get(found, {})
    return described.get(request.method.lower())


def _of_request(request: httpx.Request, operation: Mapping[str, Any]) -> Iterator[str]:
    yield from _of_query(request.url.params, operation)
    yield from _of_body(request.content, operation)


def _of_query(params: httpx.QueryParams, operation: Mapping[str, Any]) -> Iterator[str]:
    known = {}
    for each in map(_followed, operation.get("parameters", [])):
        if each["in"] == "query":
            known[each["name"]] = each["schema"]
    for name, value in params.items():
        if name not in known:
            yield f"query {name} is not described"
            continue
        schema = _followed(known[name])
        given: object = int(value) if schema.get("type") == "integer" else value
        yield from (f"query {name}: {line}" for line in _violations(schema, given))
    if int(params.get("per_page", "1")) > 100:
        yield "query per_page: more than 100"


def _of_body(content: bytes, operation: Mapping[str, Any]) -> Iterator[str]:
    body = operation.get("requestBody")
    if not content:
        if body and body.get("required"):
            yield "a body is required"
        return
    if not body:
        yield "no body is described"
        return
    schema = body["content"]["application/json"]["schema"]
    given = json.loads(content)
    yield from (f"body: {line}" for line in _violations(schema, given))
    known = _properties(schema)
    yield from (f"body: {key} is not described" for key in given.keys() - known)
    if given.get("status") == "completed" and "conclusion" not in given:
        yield "body: completed without a conclusion"


def _of_response(response: httpx.Response, operation: Mapping[str, Any]) -> Iterator[str]:
    if not response.is_success:
        return
    described = operation["responses"].get(str(response.status_code))
    if described is None:
        yield f"status {response.status_code} is not described"
        return
    schemas = _followed(described).get("content", {})
    if not schemas:
        return
    schema = schemas.get("application/json", next(iter(schemas.values())))["schema"]
    whole = {**_told_in_part(schema), "components": _components_told_in_part()}
    yield from _lines(OAS30ReadValidator(whole), response.json())


@cache
def _components_told_in_part() -> Any:
    return _told_in_part(description()["components"])


def _told_in_part(part: Any) -> Any:
    """The same, but nothing is required: then one of several forms is any of them."""
    if isinstance(part, list):
        return [_told_in_part(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _told_in_part(each) for key, each in part.items() if key not in _WHOLE}
    if "oneOf" in kept:
        kept["anyOf"] = kept.pop("oneOf")
    return kept


def _properties(schema: Mapping[str, Any]) -> set[str]:
    """Names that a body may have, in any of its forms."""
    schema = _followed(schema)
    names = set(schema.get("properties", {}))
    for form in (*schema.get("oneOf", []), *schema.get("anyOf", []), *schema.get("allOf", [])):
        names |= _properties(form)
    return names


def _followed(part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/")
    found: Mapping[str, Any] = description()["components"][kind][name]
    return found


def _violations(schema: Mapping[str, Any], given: object) -> Iterator[str]:
    whole = {**schema, "components": description()["components"]}
    yield from _lines(OAS30WriteValidator(whole), given)


def _lines(validator: OAS30Validator, given: object) -> Iterator[str]:
    for error in validator.iter_errors(given):
        place = "/".join(map(str, error.absolute_path)) or "."
        yield f"{place}: {error.message[:200]}"
