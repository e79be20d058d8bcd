"""What is wrong with a policy, said to the person who wrote it: one line for each error."""

import difflib
from collections.abc import Mapping, Sequence
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from shared.policy.yaml_tree import Path, Problem, Tree

SHOWN_ERRORS = 100
SHOWN_VALUE = 60

UNKNOWN_KEY = "is not a known key{maybe}; valid here: {valid}"
MAYBE = " (did you mean {close}?)"
NOT_A_CHOICE = "is not one of the choices{maybe}; valid here: {valid}"
NO_VALUE = "has no value; write one, or remove the line"
MORE = "… and {count} more; mend these first"

_WORDS = {
    "string_type": "is not text; put the value in quotes",
    "int_type": "is not a whole number; write one without quotes, such as 3",
    "bool_type": "is neither true nor false; write one of them, without quotes",
    "tuple_type": "is not a list; write it as [a, b], or one item a line after a dash",
    "model_type": "is not a mapping; write lines of `key: value` below it",
    "mapping_type": "is not a mapping; write lines of `key: value` below it",
    "dict_type": "is not a mapping; write lines of `key: value` below it",
    "missing": "is missing; add it",
    "greater_than_equal": "is too small; write {ge} or more",
    "less_than_equal": "is too large; write {le} or less",
    "string_too_short": "is empty; write some text, or remove the line",
    "string_too_long": "is too long; write at most {max_length} characters",
    "too_short": "is empty; write at least {min_length}, or remove the line for the default",
    "too_long": "has too many items; write at most {max_length}",
}


def problems(errors: Sequence[ErrorDetails], root: type[BaseModel], tree: Tree) -> list[Problem]:
    """The problems behind pydantic's `errors` on `root`, in the order of the file.

    Those that `tree` has already are left out. Only as many as are shown get their words: guessing
    what ten thousand wrong keys were meant to be would take a file's author for ever.
    """
    told = {problem.path for problem in tree.problems if problem.path}
    above = {prefix for error in errors for prefix in _prefixes(_path(error))[:-1]}
    found = [
        (tree.line(path), path, error)
        for error in errors
        if told.isdisjoint(_prefixes(path := _path(error)))
        # A list whose items are wrong is also "too short": the items are what must be mended.
        and not (error["type"] == "too_short" and path in above)
    ]
    found.sort(key=lambda each: each[0])
    return [
        Problem(path, line, _words(error, root) if place < SHOWN_ERRORS else "")
        for place, (line, path, error) in enumerate(found)
    ]


def sentences(found: Sequence[Problem], source: str) -> str:
    """All of `found` in the order of the file, a line each: source, line, key, what to do."""
    ordered = sorted(dict.fromkeys(found), key=lambda problem: problem.line)
    lines = [_sentence(problem, source) for problem in ordered[:SHOWN_ERRORS]]
    if len(ordered) > SHOWN_ERRORS:
        lines.append(f"{source}: {MORE.format(count=len(ordered) - SHOWN_ERRORS)}")
    return "\n".join(lines)


def dotted(path: Path) -> str:
    """A path as people read it: `checks.required[1].name`, `triggers."custom.alert".role`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        key = f'"{_shown(part)}"' if "." in part else _shown(part)
        text += f".{key}" if text else key
    return text


def _sentence(problem: Problem, source: str) -> str:
    place = f"line {problem.line}: " if problem.line else ""
    subject = f"{dotted(problem.path)}: " if problem.path else ""
    return f"{source}: {place}{subject}{problem.words}"


def _shown(value: str) -> str:
    # A key is a stranger's text until it is known: one line of it, and not much.
    plain = value.encode("unicode_escape").decode("ascii") if not value.isprintable() else value
    return plain if len(plain) <= SHOWN_VALUE else f"{plain[:SHOWN_VALUE]}…"


def _path(error: ErrorDetails) -> Path:
    return tuple(part for part in error["loc"] if part != "[key]")


def _prefixes(path: Path) -> list[Path]:
    return [path[:length] for length in range(1, len(path) + 1)]


def _words(error: ErrorDetails, root: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], root)
    if kind in {"literal_error", "enum"}:
        return _not_a_choice(error["input"], context)
    if kind == "value_error":
        return f"{_value(error['input'])}{context['error']}"
    if error["input"] is None and kind != "missing":
        return NO_VALUE
    if kind in _WORDS:
        return _value(error["input"]) + _WORDS[kind].format(**context)
    return f"{_value(error['input'])}is wrong ({error['msg']}); mend it"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true " if value else "false "
    if isinstance(value, int):
        return f"{value} "
    return f'"{_shown(value)}" ' if isinstance(value, str) and value else ""


def _unknown_key(path: Sequence[str | int], root: type[BaseModel]) -> str:
    valid = keys_at(path[:-1], root)
    return UNKNOWN_KEY.format(maybe=_maybe(str(path[-1]), valid), valid=", ".join(valid))


def _not_a_choice(value: object, context: Mapping[str, object]) -> str:
    expected = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
    valid = [word.strip() for word in expected.split(",")]
    maybe = _maybe(value, valid) if isinstance(value, str) else ""
    return _value(value) + NOT_A_CHOICE.format(maybe=maybe, valid=", ".join(valid))


def _maybe(word: str, valid: Sequence[str]) -> str:
    close = difflib.get_close_matches(word[:SHOWN_VALUE].lower(), valid, n=1)
    return MAYBE.format(close=close[0]) if close else ""


def keys_at(path: Sequence[str | int], root: type[BaseModel]) -> list[str]:
    """The keys that the mapping at `path` may have, in the order of the reference."""
    model = root
    for part in path:
        if isinstance(part, str) and (below := _fields(model).get(part)) is not None:
            model = below
    return list(_fields(model))


def _fields(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    return {
        field.alias or name: model_in(field.annotation)
        for name, field in model.model_fields.items()
    }


def model_in(annotation: object) -> type[BaseModel] | None:
    """The section inside an annotation such as `tuple[X, ...]`, `Mapping[str, X]` or `X | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := model_in(part))), None)
