"""The sections about work: what is started when, by what, how much of it, for how much money."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from shared.policy.commands import Command, CommandLine
from shared.policy.names import Line
from shared.policy.section import Kind, Section
from shared.policy.units import Bytes, Duration, Usd, between, write_duration, write_money

BUNDLE_HARD_CAP_BYTES = 6 * 1024 * 1024
"""What one message may carry of a change at most, whatever a policy says."""

PLACEHOLDERS = ("paths", "rules", "title", "round", "prompt", "findings")
"""What `{…}` in an engine's command may name."""

BUDGET_ORDER = (
    "{low} {low_usd} is above {high} {high_usd}, so no run could ever reserve it; "
    "set {high} to at least {low_usd}"
)
UNKNOWN_PLACEHOLDER = "has an unknown placeholder {{{found}}}; valid here: {valid}"
PATHS_ALONE = "has {argument}, but {{paths}} becomes several arguments; let it stand alone"
LEASE_TOO_LONG = "lease {lease} is longer than run_timeout {run}; shorten lease"

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([a-z_]+)\}")  # doubled braces are literal ones
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

Finder = Annotated[Literal["lint", "types", "tests", "todo", "readme"], Kind("finder")]
RunTime = Annotated[Duration, AfterValidator(between(timedelta(seconds=1), 6 * _HOUR))]


class Proposals(Section):
    """What the fleet proposes by itself."""

    quota: int = Field(
        default=3,
        ge=0,
        le=20,
        description="Issues that one run may propose at most; 0 proposes nothing.",
        examples=[3],
    )
    finders: tuple[Finder, ...] = Field(
        default=("lint", "types", "tests", "todo", "readme"),
        description="Where findings come from; types only where a type checker is configured.",
        examples=[["lint", "tests"]],
    )
    focus: Line | None = Field(
        default=None,
        description="What proposals should be about, in words for the proposing agent.",
        examples=["the command line's error messages"],
    )


class Limits(Section):
    """Caps. What reaches one stops with one line that says why and how to go on."""

    concurrent_runs: int = Field(
        default=2, ge=1, le=100, description="Runs of this repository at one time.", examples=[2]
    )
    runs_per_issue_per_day: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="Runs that one issue may start in 24 hours.",
        examples=[20],
    )
    runs_per_day: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Runs that this repository may start in 24 hours.",
        examples=[100],
    )
    tries: int = Field(
        default=3,
        ge=1,
        le=10,
        description="Times that one run is tried before its issue needs a person; stops and "
        "cancellations do not count.",
        examples=[3],
    )
    open_proposals: int = Field(
        default=3,
        ge=0,
        le=100,
        description="Proposals of the fleet that may wait for people at one time.",
        examples=[3],
    )
    open_pull_requests: int = Field(
        default=5,
        ge=1,
        le=100,
        description="Pull requests of the fleet that may be open at one time.",
        examples=[5],
    )
    pull_request_wait: Annotated[
        Duration, AfterValidator(between(timedelta(seconds=1), 365 * _DAY))
    ] = Field(
        default=14 * _DAY,
        description="A pull request that has waited for people for this long holds new "
        "implementations, until one of them merges or closes it.",
        examples=["14d"],
    )
    bundle_bytes: Annotated[Bytes, Field(ge=1024, le=BUNDLE_HARD_CAP_BYTES)] = Field(
        default=1024 * 1024,
        description="How large a change may be as it travels; at most 6MiB.",
        examples=["1MiB"],
    )
    setup_timeout: RunTime = Field(
        default=10 * _MINUTE,
        description="The `setup` commands together are stopped after this long.",
        examples=["10m"],
    )
    run_timeout: RunTime = Field(
        default=45 * _MINUTE,
        description="A whole run (set-up, engine, tests) is stopped after this long.",
        examples=["45m"],
    )
    lease: Annotated[Duration, AfterValidator(between(timedelta(seconds=3), 2 * _HOUR))] = Field(
        default=2 * _MINUTE,
        description="A run whose agent is silent for this long goes to another agent.",
        examples=["2m"],
    )
    pickup_timeout: Annotated[Duration, AfterValidator(between(timedelta(seconds=1), _DAY))] = (
        Field(
            default=5 * _MINUTE,
            description="A request that no agent has taken is sent again after this long.",
            examples=["5m"],
        )
    )

    @model_validator(mode="after")
    def _leases_are_shorter_than_runs(self) -> Self:
        if self.lease > self.run_timeout:
            raise ValueError(
                LEASE_TOO_LONG.format(
                    lease=write_duration(self.lease), run=write_duration(self.run_timeout)
                )
            )
        return self


class Budget(Section):
    """Money in US dollars, reserved before it is spent. 0: none configured, so nothing is spent."""

    run: Usd = Field(
        default=Decimal(0),
        description="What one run may spend.",
        examples=["0.50"],
    )
    issue: Usd = Field(
        default=Decimal(0),
        description="What one approval may spend, over all its runs.",
        examples=[2],
    )
    day: Usd = Field(
        default=Decimal(0),
        description="What the repository may spend in 24 hours.",
        examples=[10],
    )

    @model_validator(mode="after")
    def _can_be_reserved(self) -> Self:
        for low, high in (("run", "issue"), ("issue", "day")):
            less, more = getattr(self, low), getattr(self, high)
            if less > more:
                usd = {"low_usd": write_money(less), "high_usd": write_money(more)}
                raise ValueError(BUDGET_ORDER.format(low=low, high=high, **usd))
        return self


def _placed(line: CommandLine) -> CommandLine:
    for argument in line.run:
        names = [name for name in _PLACEHOLDER.findall(argument) if name]
        for name in names:
            if name not in PLACEHOLDERS:
                valid = ", ".join(PLACEHOLDERS)
                raise ValueError(UNKNOWN_PLACEHOLDER.format(found=name, valid=valid))
        if "paths" in names and argument != "{paths}":
            raise ValueError(PATHS_ALONE.format(argument=argument))
    return line


EngineCommand = Annotated[Command, AfterValidator(_placed)]


class Engine(Section):
    """What writes code for a role: the name of an engine, or a mapping with its settings."""

    name: Annotated[Literal["command"], Kind("engine")] = Field(
        default="command",
        description="Which engine: `command` runs command lines on the issue's paths.",
        examples=["command"],
    )
    commands: tuple[EngineCommand, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=20,
        description="The command lines, in order, with placeholders such as `{paths}`. Without "
        "them: the fleet's fixer and formatter.",
        examples=[["ruff check --fix {paths}", "ruff format {paths}"]],
    )
    revise: tuple[EngineCommand, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=20,
        description="The command lines of the rounds after the first. Without them: those of the "
        "first, or the engine's own where `commands` is left out too.",
        examples=[["ruff check --fix --unsafe-fixes {paths}"]],
    )
    timeout: RunTime = Field(
        default=20 * _MINUTE,
        description="One round is stopped after this long.",
        examples=["20m"],
    )
    idle_timeout: RunTime = Field(
        default=5 * _MINUTE,
        description="A round that prints nothing for this long is stopped.",
        examples=["5m"],
    )


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Engines(Section):
    """Which engine works for which role."""

    dev: Annotated[
        Engine, BeforeValidator(_named, json_schema_input_type=str | Engine), Kind("engine")
    ] = Field(
        default=Engine(),
        description="Who implements: an engine's name, or a mapping.",
        examples=["command"],
    )
