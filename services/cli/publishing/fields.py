"""From `key=value …` on a command line to JSON, typed as a schema wants it. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from shared.errors import BadInput

NO_PAIR = "{pair}: is no field; write it as key=value, with dots for what is inside: user.name=ann"
TWICE = "{key}: {outer} is given as a value as well; give one of the two"
NOT_JSON = '--json: is not a JSON object ({why}); give one such as {{"title": "…"}}'

Json = dict[str, JsonValue]
Schema = Mapping[str, Any]


def typed(pairs: Sequence[str], schema: Schema, *, into: Json | None = None) -> Json:
    """The fields of `pairs`, over those of `into`. Where the schema wants text it is text; where it
    wants something else, or says nothing, it is read as JSON if it is JSON, and else is text.

    BadInput: one line for each that is no field.
    """
    found: Json = dict(into or {})
    wrong: list[str] = []
    for pair in pairs:
        key, equals, text = pair.partition("=")
        path = key.split(".")
        if not equals or not all(path):
            wrong.append(NO_PAIR.format(pair=_short(pair)))
            continue
        outer = _room(found, path)
        if isinstance(outer, str):
            wrong.append(TWICE.format(key=key, outer=outer))
        else:
            outer[path[-1]] = _value(text, _kinds(schema, path))
    if wrong:
        raise BadInput("\n".join(wrong))
    return found


def from_json(text: str | bytes) -> Json:
    """A JSON object as somebody wrote it. BadInput when it is none."""
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadInput(NOT_JSON.format(why=error)) from None
    if not isinstance(value, dict):
        raise BadInput(NOT_JSON.format(why=f"it is a {type(value).__name__}"))
    return value


def _room(found: Json, path: Sequence[str]) -> Json | str:
    """The object that the last word of a path belongs into; the path of what stands in its way."""
    here = found
    for depth, word in enumerate(path[:-1], 1):
        inner = here.setdefault(word, {})
        if not isinstance(inner, dict):
            return ".".join(path[:depth])
        here[word] = here = dict(inner)
    return here


def _value(text: str, kinds: frozenset[str]) -> JsonValue:
    if "string" in kinds:
        return text
    try:
        value: JsonValue = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return text
    return value


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _kinds(schema: Schema, path: Sequence[str]) -> frozenset[str]:
    """The JSON types that may stand at a path; none: any, or nobody knows."""
    here = [schema]
    for word in path:
        here = [
            below for each in here for option in _options(each, schema)
            if isinstance(below := (option.get("properties") or {}).get(word), Mapping)
        ]  # fmt: skip
    kinds = {option.get("type") for each in here for option in _options(each, schema)}
    return frozenset(kind for kind in kinds if isinstance(kind, str))


def _options(schema: Schema, root: Schema) -> Iterator[Schema]:
    """What a schema stands for: itself, what it refers to, or each of several."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        yield from _options(root.get("$defs", {}).get(name, {}), root)
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _options(each, root)
    else:
        yield schema


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
