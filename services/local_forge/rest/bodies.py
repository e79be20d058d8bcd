"""Request bodies: a field that is not known is an error that names it."""

import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from services.local_forge.problems import VALIDATION_FAILED, FieldError, Problem

BAD_JSON = "Problems parsing JSON"
NOT_AN_OBJECT = "Body should be a JSON object"

_CODES = {"missing": "missing_field", "extra_forbidden": "unknown"}
_WHY = {"missing": "it is missing", "extra_forbidden": "this field is not known here"}


class Body(BaseModel):
    """A strict body: no unknown fields, no changed types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class BadBody(Problem):
    """The body is no JSON object."""

    status = 400


class BadFields(Problem):
    """Fields are missing, unknown or wrong; the errors name them."""

    status = 422


B = TypeVar("B", bound=Body)


def parse(raw: bytes, model: type[B], *, bare: str | None = None) -> B:
    """The body as `model`; `bare` names the field that a bare list stands for."""
    try:
        given = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise BadBody(BAD_JSON) from None
    if bare is not None and isinstance(given, list):
        given = {bare: given}
    if not isinstance(given, dict):
        raise BadBody(NOT_AN_OBJECT)
    try:
        return model.model_validate_json(json.dumps(given))
    except ValidationError as error:
        raise BadFields(VALIDATION_FAILED, *_named(error)) from None


def _named(error: ValidationError) -> list[FieldError]:
    found = []
    for one in error.errors():
        field = ".".join(str(part) for part in one["loc"]) or "base"
        said = f"{field}: {_WHY.get(one['type'], one['msg'])}"
        found.append(FieldError("Body", field, _CODES.get(one["type"], "invalid"), said))
    return found
