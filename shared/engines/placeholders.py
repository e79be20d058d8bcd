"""Command lines with placeholders: what they may say, and how a task fills them.

| placeholder | becomes |
|---|---|
| `{paths}` | the task's paths, one argument each, `.` for none; it must stand alone |
| `{rules}` | the rules, joined by commas |
| `{title}` `{findings}` `{round}` | the words, as one argument |
| `{prompt}` | the path of a read-only file that holds the task's text |

Without rules, an argument that holds `{rules}` is left out, and so is an option right before it
that is still waiting for its value: `--select={rules}` and `--select {rules}` both disappear, since
an empty selection means something else to every tool. `{{` and `}}` are literal braces. Nothing is
read by a shell, so nothing in a title can become a command; a value that would open an argument
with a dash is kept from being read as an option.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.engines.port import Task
from shared.errors import BadInput

PLACEHOLDERS = ("paths", "rules", "title", "round", "prompt", "findings")
ARGUMENT_BYTES = 64 * 1024
"""Words as an argument are cut here; the kernel takes 128 KiB. `{prompt}` has them whole."""

UNKNOWN = "engine command {!r}: unknown placeholder {{{}}}; valid: {}; write {{{{ for a brace"
NOT_ALONE = "engine command {!r}: {{paths}} becomes several arguments; let it stand alone"
EMPTY = "engine command {!r}: there is nothing to run; name a program"
UNREADABLE = "engine command {!r}: {}; mend the quotes or give a list of arguments"
UNKNOWN_KEY = "engine command {!r}: unknown key {}; valid: run, ok"
BAD_CODES = "engine command {!r}: `ok` is a list of exit codes from 0 to 255"

_FIELD = re.compile(r"\{\{|\}\}|\{([a-z_]+)\}")

CommandLine = str | Sequence[str] | Mapping[str, object]
"""`ruff format {paths}`, its list of arguments, or `{run: …, ok: [0, 1]}`."""


@dataclass(frozen=True)
class Template:
    """One command line, checked: its arguments and the exit codes that are fine."""

    arguments: tuple[str, ...]
    ok: tuple[int, ...] = (0,)

    @property
    def shown(self) -> str:
        """For people: as one would type it."""
        return shlex.join(self.arguments)

    @property
    def short(self) -> str:
        """For people: the program and its subcommand."""
        words = [word for word in self.arguments[:2] if not word.startswith(("-", "{"))]
        return " ".join(words)


def parse(line: CommandLine) -> Template:
    """Check one command line. Raises BadInput, with the valid words, for what it cannot be."""
    ok: object = (0,)
    run: object = line
    if isinstance(line, Mapping):
        for key in line:
            if key not in ("run", "ok"):
                raise BadInput(UNKNOWN_KEY.format(dict(line), key))
        run, ok = line.get("run", ""), line.get("ok", (0,))
    arguments = _arguments(run)
    if not arguments or not arguments[0].strip():
        raise BadInput(EMPTY.format(run))
    for argument in arguments:
        _check(argument, shlex.join(arguments))
    return Template(arguments, _codes(ok, shlex.join(arguments)))


def fill(template: Template, task: Task, *, prompt: str) -> tuple[str, ...]:
    """The arguments for `task`; `prompt` is the path of its text inside the sandbox."""
    values = {
        "title": task.title,
        "round": str(task.round),
        "prompt": prompt,
        "findings": task.findings,
        "rules": ",".join(task.rules),
    }
    filled: list[str] = []
    for argument in template.arguments:
        if argument == "{paths}":
            filled += [_no_option(path, "./") for path in task.paths] or ["."]
        elif not task.rules and "rules" in _names(argument):
            if argument == "{rules}" and _waits_for_value(filled):
                filled.pop()
        else:
            filled.append(_expand(argument, values))
    return tuple(filled)


def _arguments(run: object) -> tuple[str, ...]:
    if isinstance(run, str):
        try:
            return tuple(shlex.split(run))
        except ValueError as error:
            raise BadInput(UNREADABLE.format(run, error)) from error
    if isinstance(run, Sequence) and all(isinstance(part, str) for part in run):
        return tuple(run)
    raise BadInput(UNREADABLE.format(run, "it is neither a string nor a list of strings"))


def _codes(ok: object, shown: str) -> tuple[int, ...]:
    if not isinstance(ok, Sequence) or isinstance(ok, str):
        raise BadInput(BAD_CODES.format(shown))
    codes = tuple(code for code in ok if type(code) is int and 0 <= code <= 255)
    if not codes or len(codes) != len(ok):
        raise BadInput(BAD_CODES.format(shown))
    return codes


def _check(argument: str, shown: str) -> None:
    for name in _names(argument):
        if name not in PLACEHOLDERS:
            raise BadInput(UNKNOWN.format(shown, name, ", ".join(PLACEHOLDERS)))
    if "paths" in _names(argument) and argument != "{paths}":
        raise BadInput(NOT_ALONE.format(shown))
    if "\0" in argument:
        raise BadInput(UNREADABLE.format(shown, "it holds a NUL character"))


def _names(argument: str) -> list[str]:
    return [found[1] for found in _FIELD.finditer(argument) if found[1]]


def _waits_for_value(filled: list[str]) -> bool:
    """Whether the last argument is an option that the left out one was the value of."""
    return len(filled) > 1 and filled[-1].startswith("-") and "=" not in filled[-1]


def _expand(argument: str, values: Mapping[str, str]) -> str:
    """One argument: no NUL, not too long, and no option where a value came first."""
    literal = {"{{": "{", "}}": "}"}
    text = _FIELD.sub(lambda found: literal.get(found[0]) or values[found[1]], argument)
    text = text.replace("\0", "")
    if len(text.encode()) > ARGUMENT_BYTES:
        text = text.encode()[:ARGUMENT_BYTES].decode(errors="ignore")
    return text if argument.startswith("-") else _no_option(text, " ")


def _no_option(text: str, before: str) -> str:
    return before + text if text.startswith("-") else text
