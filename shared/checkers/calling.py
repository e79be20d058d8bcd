"""How a policy's test command is called inside a sandbox, and where its report will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from shared.checkers import report_file
from shared.sandbox import python_tool

PLACE = "{junit}"

_PYTHONS = frozenset({"python", "python3"})
_PYTESTS = frozenset({"pytest", "py.test"})
_MODULE = ["-m", "pytest"]
_FLAGS = (
    "-p",
    "no:cacheprovider",
    "--continue-on-collection-errors",  # one file that cannot be imported hides no other result
    "-o",
    "junit_family=xunit1",  # the only family that names the file, hence the node id
    f"--junitxml={report_file.JUNIT}",
)


@dataclass(frozen=True)
class TestCommand:
    """`argv` as it is called inside; `report` (path or glob) is empty where there will be none."""

    __test__: ClassVar[bool] = False

    argv: tuple[str, ...]
    report: str


def called(command: Sequence[str], *, python: str | None, junit: str | None) -> TestCommand:
    """The command with its interpreter put in and its report asked for.

    `python`, `pytest` mean the interpreter named by `python`, else the fleet's own. pytest is told
    where to leave a report unless `junit` says that the command leaves one; any other command has
    one only where `junit` or the placeholder `{junit}` says so. Raises Missing for a tool of ours.
    """
    first, rest = command[0], list(command[1:])
    runs_pytest = first in _PYTESTS or rest[:2] == _MODULE
    if runs_pytest and first not in _PYTESTS:
        rest = rest[2:]
    placed = any(PLACE in argument for argument in rest)
    asked = runs_pytest and junit is None and not placed
    place = junit or report_file.JUNIT
    rest = [argument.replace(PLACE, place) for argument in rest]
    argv = (*_program(first, runs_pytest, python), *rest, *(_FLAGS if asked else ()))
    return TestCommand(argv, place if asked or placed or junit else "")


def _program(first: str, runs_pytest: bool, python: str | None) -> tuple[str, ...]:
    module = tuple(_MODULE) if runs_pytest else ()
    if first not in _PYTHONS | _PYTESTS:
        return (first, *module)
    if python:
        return (python, *module)
    return python_tool("pytest" if runs_pytest else "python")
