"""key=value becomes JSON of the type that the schema wants."""

from typing import Any

import pytest

from services.cli.publishing.fields import from_json, typed
from shared.errors import BadInput

SCHEMA: dict[str, Any] = {
    "$defs": {"User": {"properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}},
    "properties": {
        "title": {"type": "string"},
        "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "when": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "on": {"type": "boolean"},
        "user": {"$ref": "#/$defs/User"},
    },
}


@pytest.mark.parametrize(
    ("pair", "wanted"),
    [
        ("title=123", {"title": "123"}),
        ("title=true", {"title": "true"}),
        ("title=", {"title": ""}),
        ("title=a=b", {"title": "a=b"}),
        ("count=123", {"count": 123}),
        ("count=null", {"count": None}),
        ("count=many", {"count": "many"}),
        ("when=7", {"when": "7"}),
        ('tags=["a","b"]', {"tags": ["a", "b"]}),
        ("on=true", {"on": True}),
        ("user.name=7", {"user": {"name": "7"}}),
        ("user.age=7", {"user": {"age": 7}}),
        ("else=7.5", {"else": 7.5}),
        ("else=NaN", {"else": "NaN"}),
        ("else=words and more", {"else": "words and more"}),
        ('else="123"', {"else": "123"}),
        ("deep.er.still=1", {"deep": {"er": {"still": 1}}}),
    ],
)
def test_a_value_has_the_type_that_is_wanted(pair: str, wanted: dict[str, Any]) -> None:
    assert typed([pair], SCHEMA) == wanted


def test_the_command_line_goes_over_the_object_and_leaves_it_alone() -> None:
    given: dict[str, Any] = {"title": "a", "user": {"name": "ann"}}
    assert typed(["title=b", "user.age=7"], SCHEMA, into=given) == {
        "title": "b", "user": {"name": "ann", "age": 7},
    }  # fmt: skip
    assert given == {"title": "a", "user": {"name": "ann"}}


def test_all_that_is_no_field_is_told_at_once() -> None:
    with pytest.raises(BadInput) as told:
        typed(["title", "=x", "a..b=1", "title=x", "title.x=1"], SCHEMA)
    lines = str(told.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["title", "=x", "a..b=1", "title.x"]
    assert all("give" in line or "write" in line for line in lines)


@pytest.mark.parametrize(
    "text", ["", "[1]", "7", "{", '{"a": NaN}', "\udc80", "[" * 100_000, b"\xff\xfe"]
)
def test_what_is_no_json_object_is_one_line(text: str | bytes) -> None:
    with pytest.raises(BadInput, match="is not a JSON object") as told:
        from_json(text)
    assert len(str(told.value).splitlines()) == 1
