"""The OpenAPI 3.1 document of the console, made from its shapes; docs/openapi.json is this text."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from services.console import shapes
from services.console.shapes import Problem, Shape

TITLE = "Gatefleet console"
VERSION = "1"
DESCRIPTION = (
    "What people read of a fleet: the current view of each issue and pull request, what waits for a "
    "person, the story of an issue, and a stream of changes. Read-only, but for custom events, which "
    "can ask for work and never open a gate."
)
REF = "#/components/schemas/{model}"
NUMBER = "An issue's number, or that of its pull request."
REPOSITORY = "`owner/name`; needed only where several repositories are known."
ALL = "`1` or `true`: all issues that were ever closed too, not only the latest."
AFTER = "A place in the log: only what was heard after it."
KEY = "The same key again is the same event, said once."
STREAM = (
    "Server-sent events: `change`, whose data is a Change and whose id is its place in the log; and "
    "`reset` where the place that was asked for is not in this log. `Last-Event-ID` resumes."
)
NAME_PATTERN = r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){0,3}$"
PROBLEMS = {
    400: "It cannot be asked like this.", 401: "No token, or a wrong one.",
    404: "Nothing is known of it.", 413: "It is too large.",
    421: "The console is asked by a name that is not its own.", 503: "Nothing was heard yet.",
}  # fmt: skip

Json = dict[str, Any]


@cache
def openapi() -> str:
    """The document, the same text for the same shapes."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": DESCRIPTION},
        "servers": [{"url": "http://127.0.0.1:8320"}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _paths() -> Json:
    number = _path("number", NUMBER, {"type": "integer", "minimum": 0})
    after = _query("after", AFTER, {"type": "integer", "minimum": 0})
    known = (400, 404, 503)
    return {
        "/api/status": {"get": _get(
            "status", "Everything at one glance.", shapes.Status, known,
            [_query("all", ALL, {"type": "string"})],
        )},
        "/api/repository": {"get": _get(
            "repository", "Policy, doctor, kill switch and queue.", shapes.RepositoryAnswer, known
        )},
        "/api/inbox": {"get": _get(
            "inbox", "What waits for a person, oldest first.", shapes.Inbox, known
        )},
        "/api/issues/{number}": {"get": _get(
            "issue", "One issue.", shapes.IssueAnswer, known, [number]
        )},
        "/api/issues/{number}/log": {"get": _get(
            "log", "The story of one issue.", shapes.Log, known, [number, after]
        )},
        "/api/proposals": {"get": _get(
            "proposals", "What pm-agent proposed.", shapes.Proposals, known
        )},
        "/api/changes": {"get": _stream([after, _resume()])},
        "/api/events/{name}": {"post": _say()},
        "/api/events/{event}": {"get": _get(
            "event", "What came of a custom event.", shapes.EventAnswer, known,
            [_path("event", "The id that saying it answered.", {"type": "string", "format": "uuid"})],
        )},
        "/healthz": {"get": _get("healthy", "It answers.", shapes.Health, (), None)},
        "/readyz": {"get": _ready()},
    }  # fmt: skip


def _get(
    name: str, summary: str, model: type[Shape], problems: Sequence[int],
    parameters: Sequence[Json] | None = (),
) -> Json:  # fmt: skip
    """`parameters` None: it is asked of no repository."""
    every = [] if parameters is None else [*parameters, _repository()]
    return {
        "operationId": name,
        "summary": summary,
        "parameters": every,
        "responses": {"200": _answer(summary, model)} | _problems(problems),
    }


def _ready() -> Json:
    found = _get("ready", "Its views are up to date.", shapes.Health, (), None)
    found["responses"]["503"] = _answer("They are not.", shapes.Health)
    return found


def _say() -> Json:
    key = {"name": "Idempotency-Key", "in": "header", "description": KEY,
           "schema": {"type": "string", "maxLength": 200}}  # fmt: skip
    name = _path("name", "Without `custom.` and version: `sentry.alert`.",
                 {"type": "string", "pattern": NAME_PATTERN})  # fmt: skip
    body = {"application/json": {"schema": {"type": "object"}}}
    return {
        "operationId": "say",
        "summary": "Say a custom event. It can ask for work, and never opens a gate.",
        "parameters": [name, key, _repository()],
        "requestBody": {"required": False, "content": body},
        "responses": {"202": _answer("It will be said.", shapes.EventTaken)}
        | _problems((400, 404, 413, 503)),
    }


def _stream(parameters: Sequence[Json]) -> Json:
    content = {"text/event-stream": {"schema": {"type": "string"}}}
    return {
        "operationId": "changes",
        "summary": STREAM,
        "parameters": list(parameters),
        "responses": {"200": {"description": "The stream.", "content": content}}
        | _problems((400,)),
    }


def _answer(description: str, model: type[Shape]) -> Json:
    schema = {"$ref": REF.format(model=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problems(statuses: Sequence[int]) -> Json:
    every = sorted({*statuses, 401, 421})
    return {str(status): _answer(PROBLEMS[status], Problem) for status in every}


def _path(name: str, description: str, schema: Mapping[str, Any]) -> Json:
    return {
        "name": name, "in": "path", "required": True, "description": description,
        "schema": dict(schema),
    }  # fmt: skip


def _query(name: str, description: str, schema: Mapping[str, Any]) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": dict(schema)}


def _repository() -> Json:
    return _query("repository", REPOSITORY, {"type": "string"})


def _resume() -> Json:
    return {
        "name": "Last-Event-ID", "in": "header", "description": AFTER,
        "schema": {"type": "integer", "minimum": 0},
    }  # fmt: skip


def _schemas() -> Json:
    models = [
        each for each in vars(shapes).values()
        if isinstance(each, type) and issubclass(each, Shape) and each is not Shape
    ]  # fmt: skip
    _, made = models_json_schema(
        [(each, "serialization") for each in models], ref_template=REF
    )  # pydantic names the placeholder {model} as well
    schemas: Json = made["$defs"]
    return schemas
