"""The sections that a change is judged by: tests, size, scope, checks, review."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from shared.policy.commands import Command, CommandLine
from shared.policy.names import Glob, Line
from shared.policy.section import Kind, Section
from shared.policy.units import Duration, between

FLAG_OVER_REJECT = "flag {flag} is above reject {reject}; lower flag or raise reject"
CHECK_TWICE = "requires {name} twice; keep one"

TESTS_CHECK = "gatefleet/tests"
OUR_OTHER_CHECKS = frozenset({"gatefleet/gate", "gatefleet/review"})
OURS = "is decided by the gate itself; remove it from the list"

Conclusion = Annotated[Literal["success", "neutral", "skipped"], Kind("conclusion")]


class RunOfTests(Section):
    """How the repository's tests are run, by the fleet, in a sandbox without network."""

    command: Command = Field(
        default=CommandLine(run=("python", "-m", "pytest", "-q")),
        description="The command that runs the tests; `python`, `pytest` and `ruff` are the "
        "fleet's own unless `python` below names another.",
        examples=["python -m pytest -q", ["make", "test"]],
    )
    python: Line | None = Field(
        default=None,
        description="The interpreter that `python` means, as a path in the work tree or a name on "
        "the sandbox's PATH. Without it: the fleet's own.",
        examples=[".venv/bin/python", "python3.11"],
    )
    timeout: Annotated[
        Duration, AfterValidator(between(timedelta(seconds=1), timedelta(hours=6)))
    ] = Field(
        default=timedelta(minutes=10),
        description="One run of the tests is stopped after this long, and counts as failed.",
        examples=["10m"],
    )
    junit: Glob | None = Field(
        default=None,
        description="Where the command leaves a JUnit report, from the top of the repository.",
        examples=["build/junit.xml"],
    )


class Size(Section):
    """How large a change may be: changed lines are added plus deleted ones, by git."""

    flag: int = Field(
        default=400,
        ge=1,
        le=1_000_000,
        description="Changed lines above which gate 2 says that the change is large.",
        examples=[400],
    )
    reject: int = Field(
        default=1500,
        ge=1,
        le=1_000_000,
        description="Changed lines above which a change is refused, with the advice to split it.",
        examples=[1500],
    )
    files: int = Field(
        default=100,
        ge=1,
        le=3000,  # what a forge lists of one pull request
        description="Changed files above which a change is refused.",
        examples=[100],
    )

    @model_validator(mode="after")
    def _flag_comes_first(self) -> Self:
        if self.flag > self.reject:
            raise ValueError(FLAG_OVER_REJECT.format(flag=self.flag, reject=self.reject))
        return self


class Scope(Section):
    """Where changes may be made at all; an issue's own block can only narrow it."""

    allow: tuple[Glob, ...] = Field(
        default=("**",),
        min_length=1,
        description="Paths that a change may touch.",
        examples=[["src/**", "tests/**"]],
    )
    deny: tuple[Glob, ...] = Field(
        default=(),
        description="Paths that no change may touch; it wins over `allow`.",
        examples=[["migrations/**"]],
    )


def _app(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class RequiredCheck(Section):
    """A check that must pass on exactly the head of the pull request."""

    name: Line = Field(description="The check's name.", examples=["build"])
    app: (
        Annotated[
            Line, BeforeValidator(_app, json_schema_input_type=int | str), Kind("text or number")
        ]
        | None
    ) = Field(
        default=None,
        description="The app that must have posted it, by slug or by numeric id. Without it: the "
        "fleet's own for `gatefleet/tests`, any app for others.",
        examples=["github-actions", 15368],
    )

    @model_validator(mode="after")
    def _is_not_the_gate(self) -> Self:
        if self.name in OUR_OTHER_CHECKS:
            raise ValueError(OURS)
        return self


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Checks(Section):
    """What must have passed before gate 2 opens."""

    required: tuple[
        Annotated[
            RequiredCheck,
            BeforeValidator(_named, json_schema_input_type=str | RequiredCheck),
            Kind("check"),
        ],
        ...,
    ] = Field(
        default=(RequiredCheck(name=TESTS_CHECK),),
        min_length=1,
        description="Required checks: a name, or `{name, app}`. The default is the fleet's own run "
        "of the tests; add the repository's CI to it. Never empty: all of nothing is no proof.",
        examples=[[TESTS_CHECK, {"name": "build", "app": "github-actions"}]],
    )
    accept: tuple[Conclusion, ...] = Field(
        default=("success",),
        min_length=1,
        description="Conclusions that count as passed; a failure never does.",
        examples=[["success", "neutral"]],
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        seen: set[tuple[str, str | None]] = set()
        for check in self.required:
            if (check.name, check.app) in seen:
                raise ValueError(CHECK_TWICE.format(name=check.name))
            seen.add((check.name, check.app))
        return self


class Review(Section):
    """What the reviewing agent does before people are asked."""

    rounds: int = Field(
        default=3,
        ge=1,
        le=10,
        description="Rounds of changes after which the issue needs a person.",
        examples=[3],
    )
    lint: bool = Field(
        default=True,
        description="Whether new linter findings on the changed files ask for changes.",
        examples=[True],
    )
