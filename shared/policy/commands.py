"""Command lines: argument lists, never a shell."""

import shlex
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from shared.policy.section import Kind, Section

ARGUMENTS_LIMIT = 200

EMPTY = 'is empty; write a command, such as "ruff check --fix {paths}"'
QUOTES = "has an open quote; close it, or write the command as a list of arguments"
NO_SHELL = (
    'has "{found}", which needs a shell, and none is used; '
    "write several commands, or a script in the repository"
)
NUL = "has a NUL character; remove it"

_SHELL = frozenset({"|", "||", "&&", ";", "&", ">", ">>", "<", "2>&1"})


def _split(line: str) -> tuple[str, ...]:
    try:
        arguments = shlex.split(line)
    except ValueError:
        raise ValueError(QUOTES) from None
    if not arguments:
        raise ValueError(EMPTY)
    # In a list of arguments these may be meant; in a line they are somebody expecting a shell.
    found = next((word for word in arguments if word in _SHELL), None)
    if found is not None:
        raise ValueError(NO_SHELL.format(found=found))
    return tuple(arguments)


def _words(value: object) -> object:
    return _split(value) if isinstance(value, str) else value


class CommandLine(Section):
    """One command: its arguments, and the exit codes that count as success."""

    run: Annotated[
        tuple[str, ...], BeforeValidator(_words, json_schema_input_type=str | tuple[str, ...])
    ] = Field(
        min_length=1,
        max_length=ARGUMENTS_LIMIT,
        description="The program and its arguments.",
        examples=[["ruff", "check", "--fix", "{paths}"]],
    )
    ok: tuple[Annotated[int, Field(ge=0, le=255), Kind("exit code")], ...] = Field(
        default=(0,),
        min_length=1,
        description="Exit codes that count as success.",
        examples=[[0, 1]],
    )

    @model_validator(mode="after")
    def _can_be_started(self) -> Self:
        if not self.run[0].strip():
            raise ValueError(EMPTY)
        if any("\0" in argument for argument in self.run):
            raise ValueError(NUL)
        return self


def _read(value: object) -> object:
    """A line of text and a plain list of arguments are short for a mapping with `run`."""
    if isinstance(value, str):
        return {"run": _split(value)}
    return {"run": value} if isinstance(value, tuple) else value


Command = Annotated[
    CommandLine,
    BeforeValidator(_read, json_schema_input_type=str | tuple[str, ...] | CommandLine),
    Kind("command"),
]
"""A command as the file writes it: text, a list of arguments, or a mapping with `run` and `ok`."""
