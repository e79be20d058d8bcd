"""The reference is generated, complete, and every example in it is true."""

from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.policy import Policy, dump, parse
from shared.policy.__main__ import main
from shared.policy.complaints import model_in
from shared.policy.example import EXAMPLE
from shared.policy.reference import json_schema, reference

SHORT = {"setup", "protected", "triggers", "accept"}


def fields(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, FieldInfo]]:
    """Every field of the sections, by dotted key."""
    for name, info in model.model_fields.items():
        below = model_in(info.annotation)
        if below is not None and not path and name not in SHORT:
            yield from fields(below, (name,))
        else:
            yield ".".join((*path, name)), info


FIELDS = dict(fields(Policy))


def nested(key: str, value: object) -> dict[str, Any]:
    first, _, rest = key.partition(".")
    return {first: nested(rest, value) if rest else value}


@pytest.mark.parametrize("key", FIELDS)
def test_every_field_is_explained_with_examples_that_are_true(key: str) -> None:
    info = FIELDS[key]

    assert info.description
    assert info.examples
    assert f"`{key.rpartition('.')[2]}`" in reference()
    for example in info.examples:
        room = {"budget.run": {"issue": 9, "day": 9}, "budget.issue": {"day": 9}}.get(key, {})
        value = nested(key, example)
        if room:
            value["budget"] |= room
        policy = parse(yaml.safe_dump(value))
        jsonschema.validate(value, json_schema())
        assert isinstance(policy, Policy)


def test_the_json_schema_takes_the_worked_example_and_every_dump() -> None:
    schema = json_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(EXAMPLE), schema)
    jsonschema.validate(dump(parse(EXAMPLE)), schema)
    jsonschema.validate(dump(Policy()), schema)
    with pytest.raises(jsonschema.ValidationError, match="flagg"):
        jsonschema.validate({"size": {"flagg": 1}}, schema)


def test_defaults_in_the_schema_are_as_people_write_them() -> None:
    assert json_schema()["$defs"]["Approval"]["properties"]["ttl"]["default"] == "14d"


def test_the_reference_holds_the_worked_example_and_no_python() -> None:
    text = reference()

    assert EXAMPLE in text
    for word in ("None", "timedelta", "Annotated", "Decimal(", "<class", "typing"):
        assert word not in text


def test_the_module_prints_both_and_refuses_anything_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == reference()
    assert main(["schema"]) == 0
    assert capsys.readouterr().out.startswith("{")
    assert main(["x", "y"]) == 2
    assert capsys.readouterr().err.startswith("x y: is no part of the policy; usage: ")
