"""What a custom event may ask for, and the form that its fields must have.

The form is a small part of JSON Schema, enough to say what an event carries and too little to cost
time: no references, no patterns, nothing that can be made to run for long by whoever sends events.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.policy.section import Kind, Section

TOP_IS_AN_OBJECT = "describes an event's fields; set type to object, with the fields in properties"
REQUIRED_UNKNOWN = "requires {name}, which properties do not describe; add it or remove it"
NOT_FOR_TYPE = "{key} does not go with type {type}; remove it"

MISSING_FIELD = "{path} is missing"
UNKNOWN_FIELD = "{path} is not a field of this event"
WRONG_TYPE = "{path} is not of type {type}"
NOT_LISTED = "{path} is not one of: {values}"
TOO_SHORT = "{path} is shorter than {limit}"
TOO_LONG = "{path} is longer than {limit}"
TOO_SMALL = "{path} is less than {limit}"
TOO_LARGE = "{path} is more than {limit}"

Type = Literal["object", "array", "string", "integer", "number", "boolean"]
_APPLIES: Mapping[str, tuple[Type, ...]] = {
    "properties": ("object",),
    "required": ("object",),
    "additional_properties": ("object",),
    "items": ("array",),
    "max_items": ("array",),
    "min_length": ("string",),
    "max_length": ("string",),
    "minimum": ("integer", "number"),
    "maximum": ("integer", "number"),
    "enum": ("string",),
}


class FieldSchema(Section):
    """One value's form: the part of JSON Schema that a policy may use."""

    type: Annotated[Type, Kind("type")] = Field(
        default="object", description="The value's type.", examples=["string"]
    )
    description: str | None = Field(
        default=None, max_length=500, description="For people.", examples=["Where it happened."]
    )
    enum: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="The texts allowed.", examples=[["error", "fatal"]]
    )
    min_length: int | None = Field(
        default=None, ge=0, alias="minLength", description="Characters at least.", examples=[1]
    )
    max_length: int | None = Field(
        default=None, ge=0, alias="maxLength", description="Characters at most.", examples=[200]
    )
    minimum: int | None = Field(default=None, description="At least.", examples=[0])
    maximum: int | None = Field(default=None, description="At most.", examples=[100])
    properties: Mapping[str, "FieldSchema"] | None = Field(
        default=None,
        description="An object's fields.",
        examples=[{"title": {"type": "string"}}],
    )
    required: tuple[str, ...] | None = Field(
        default=None, description="Fields that must be there.", examples=[["title"]]
    )
    additional_properties: bool | None = Field(
        default=None,
        alias="additionalProperties",
        description="Whether fields that are not described may be there too; not without saying so.",
        examples=[False],
    )
    items: "FieldSchema | None" = Field(
        default=None, description="An array's items.", examples=[{"type": "string"}]
    )
    max_items: int | None = Field(
        default=None, ge=0, alias="maxItems", description="Items at most.", examples=[20]
    )

    @model_validator(mode="after")
    def _is_one_form(self) -> Self:
        for key, types in _APPLIES.items():
            if getattr(self, key) is not None and self.type not in types:
                shown = type(self).model_fields[key].alias or key
                raise ValueError(NOT_FOR_TYPE.format(key=shown, type=self.type))
        for name in self.required or ():
            if name not in (self.properties or {}):
                raise ValueError(REQUIRED_UNKNOWN.format(name=name))
        return self


class Trigger(Section):
    """What starts when a custom event comes."""

    role: Annotated[Literal["pm-agent"], Kind("role")] = Field(
        default="pm-agent",
        description="Who is asked. An event can ask for proposals; work needs an approved issue.",
        examples=["pm-agent"],
    )
    fields: FieldSchema = Field(
        default=FieldSchema(),
        alias="schema",
        description="The form of the event's fields, as a part of JSON Schema.",
        examples=[{"properties": {"title": {"type": "string"}}, "required": ["title"]}],
    )

    @model_validator(mode="after")
    def _describes_an_object(self) -> Self:
        if self.fields.type != "object":
            raise ValueError(TOP_IS_AN_OBJECT)
        return self


def mismatches(schema: FieldSchema, value: object, *, path: str = "the event") -> tuple[str, ...]:
    """What is wrong with `value` (as JSON gave it), one phrase each; nothing: it has the form."""
    return tuple(_mismatches(schema, value, path))


def _mismatches(schema: FieldSchema, value: object, path: str) -> Iterator[str]:
    if not _is(schema.type, value):
        yield WRONG_TYPE.format(path=path, type=schema.type)
    elif isinstance(value, Mapping):
        yield from _object(schema, value, path)
    elif isinstance(value, list):
        if schema.max_items is not None and len(value) > schema.max_items:
            yield TOO_LONG.format(path=path, limit=schema.max_items)
        for place, item in enumerate(value):
            if schema.items is not None:
                yield from _mismatches(schema.items, item, f"{path}[{place}]")
    elif isinstance(value, str):
        yield from _text(schema, value, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if schema.minimum is not None and value < schema.minimum:
            yield TOO_SMALL.format(path=path, limit=schema.minimum)
        if schema.maximum is not None and value > schema.maximum:
            yield TOO_LARGE.format(path=path, limit=schema.maximum)


def _is(wanted: Type, value: object) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    python: dict[Type, tuple[type, ...]] = {
        "object": (Mapping,),
        "array": (list,),
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
    }
    return isinstance(value, python.get(wanted, ()))


def _object(schema: FieldSchema, value: Mapping[str, object], path: str) -> Iterator[str]:
    known = schema.properties or {}
    for name in schema.required or ():
        if name not in value:
            yield MISSING_FIELD.format(path=f"{path}.{name}")
    for name, below in value.items():
        if name in known:
            yield from _mismatches(known[name], below, f"{path}.{name}")
        elif not schema.additional_properties:
            yield UNKNOWN_FIELD.format(path=f"{path}.{name}")


def _text(schema: FieldSchema, value: str, path: str) -> Iterator[str]:
    if schema.enum is not None and value not in schema.enum:
        yield NOT_LISTED.format(path=path, values=", ".join(schema.enum))
    if schema.min_length is not None and len(value) < schema.min_length:
        yield TOO_SHORT.format(path=path, limit=schema.min_length)
    if schema.max_length is not None and len(value) > schema.max_length:
        yield TOO_LONG.format(path=path, limit=schema.max_length)
