"""What the source says of a model's fields: their own docstrings, and their types in words."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, JsonValue, SecretStr

_WORDS: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    bytes: "bytes, in base64",
    datetime: "time",
    UUID: "UUID",
    Path: "path",
    SecretStr: "secret",
    NoneType: "nothing",
    JsonValue: "any JSON",
}


def field_words(model: type[BaseModel]) -> dict[str, str]:
    """What is said of each field, by its name: its description, else the docstring below it."""
    said: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            said |= _docstrings(base)
    described = {name: field.description or "" for name, field in model.model_fields.items()}
    return {
        name: " ".join((words or said.get(name, "")).split()) for name, words in described.items()
    }


def type_words(annotation: Any) -> str:
    """A type in words: `text`, `list of Finding`, `UUID or nothing`."""
    if annotation in _WORDS:
        return _WORDS[annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_words(parts[0])
    if origin is Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin in (Union, UnionType):
        return " or ".join(type_words(part) for part in parts)
    if origin is tuple:
        return f"list of {type_words(parts[0])}"
    if origin is dict:
        return f"mapping of {type_words(parts[0])} to {type_words(parts[1])}"
    return str(getattr(annotation, "__name__", annotation))


def named_types(annotation: Any) -> list[type[BaseModel | Enum]]:
    """The models and enumerations that an annotation names, in order."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | Enum):
        return [annotation]
    return [kind for part in get_args(annotation) for kind in named_types(part)]


def _docstrings(kind: type) -> dict[str, str]:
    """The text below each annotated attribute of a class, as its source has it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    return {
        field.target.id: text.value.value
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
