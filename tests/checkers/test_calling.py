"""How a test command of the policy is called."""

import sys

import pytest

from shared.checkers.calling import _FLAGS, called
from shared.checkers.report_file import JUNIT

OURS = sys.executable


@pytest.mark.parametrize(
    ("command", "argv", "report"),
    [
        (["python", "-m", "pytest", "-q"], (OURS, "-m", "pytest", "-q", *_FLAGS), JUNIT),
        (["pytest", "tests"], (OURS, "-m", "pytest", "tests", *_FLAGS), JUNIT),
        (["python", "run.py"], (OURS, "run.py"), ""),
        (["make", "test"], ("make", "test"), ""),
        (["make", "test", "OUT={junit}"], ("make", "test", f"OUT={JUNIT}"), JUNIT),
        (
            [".venv/bin/python", "-m", "pytest"],
            (".venv/bin/python", "-m", "pytest", *_FLAGS),
            JUNIT,
        ),
    ],
)
def test_pytest_is_asked_for_a_report_and_others_are_left_alone(
    command: list[str], argv: tuple[str, ...], report: str
) -> None:
    call = called(command, python=None, junit=None)
    assert (call.argv, call.report) == (argv, report)


def test_a_report_that_the_policy_names_is_the_commands_own() -> None:
    call = called(["pytest", "--junitxml=out.xml"], python=None, junit="out.xml")
    assert (call.argv, call.report) == (
        (OURS, "-m", "pytest", "--junitxml=out.xml"),
        "out.xml",
    )


@pytest.mark.parametrize("command", [["pytest"], ["python", "-m", "pytest"]])
def test_an_interpreter_of_the_policy_stands_in_for_ours(command: list[str]) -> None:
    call = called(command, python="python3.12", junit="o.xml")
    assert call.argv == ("python3.12", "-m", "pytest")
