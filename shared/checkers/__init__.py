"""The tools that judge a tree: tests, linter, types. Each runs in a sandbox that is passed in.

A red result is a result. What gives none is `NotRun`, with its reason in words for people.
"""

from shared.checkers.comparing import compare, vanished
from shared.checkers.lint import Lint, LintFinding, run_ruff
from shared.checkers.outcome import NotRun
from shared.checkers.tests import Failure, TestRun, run_tests
from shared.checkers.types import TypeFinding, Types, run_mypy

__all__ = [
    "Failure",
    "Lint",
    "LintFinding",
    "NotRun",
    "TestRun",
    "TypeFinding",
    "Types",
    "compare",
    "run_mypy",
    "run_ruff",
    "run_tests",
    "vanished",
]
