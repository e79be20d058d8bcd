"""Types and fields in words."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, JsonValue, SecretStr

from shared.bus.described import field_words, named_types, type_words


class Colour(Enum):
    """A colour."""

    RED = "red"


class Base(BaseModel):
    """What the others have."""

    number: int
    """Which one."""
    silent: str = ""


class Shown(Base):
    """A model with words of every kind."""

    number: int
    """Which one, and
    why."""
    described: str = Field(default="", description="By its description.")
    """Not by this."""
    colour: Colour | None = None


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (str, "text"),
        (int, "whole number"),
        (bytes, "bytes, in base64"),
        (UUID | None, "UUID or nothing"),
        (datetime, "time"),
        (SecretStr | None, "secret or nothing"),
        (tuple[Base, ...], "list of Base"),
        (dict[str, JsonValue], "mapping of text to any JSON"),
        (Literal["a", "b"], "`a` or `b`"),
        (Annotated[int, "unit"], "whole number"),
        (Colour, "Colour"),
    ],
)
def test_a_type_is_said_in_words(annotation: Any, words: str) -> None:
    assert type_words(annotation) == words


def test_fields_are_described_by_themselves() -> None:
    assert field_words(Shown) == {
        "number": "Which one, and why.",
        "silent": "",
        "described": "By its description.",
        "colour": "",
    }


def test_the_values_of_a_type_are_found_inside() -> None:
    assert named_types(tuple[Base | None, ...]) == [Base]
    assert named_types(dict[str, Colour]) == [Colour]
    assert named_types(int) == []
