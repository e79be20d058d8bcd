"""The policy as a whole: `.gatefleet.yml` of a repository, typed, every default filled in."""

from collections.abc import Mapping

from pydantic import Field

from shared.policy.commands import Command
from shared.policy.judging import Checks, Review, RunOfTests, Scope, Size
from shared.policy.names import EventName, Finding, Glob
from shared.policy.people import Approval, Labels, Roles
from shared.policy.schedule import Schedule
from shared.policy.section import Section
from shared.policy.triggers import Trigger
from shared.policy.working import Budget, Engines, Limits, Proposals


class Policy(Section):
    """A repository's policy: what the fleet may do there, and what it must ask people for."""

    schedule: Schedule = Field(
        default=Schedule(), description="When the fleet looks for something to propose."
    )
    proposals: Proposals = Field(
        default=Proposals(), description="What the fleet proposes by itself."
    )
    labels: Labels = Field(
        default=Labels(),
        description="Labels that the fleet reads. States are shown by `gatefleet:…` labels, which "
        "are fixed and decide nothing.",
    )
    roles: Roles = Field(default=Roles(), description="Who may do what.")
    approval: Approval = Field(
        default=Approval(), description="How an approval is given and how long it lasts."
    )
    setup: tuple[Command, ...] = Field(
        default=(),
        max_length=20,
        description="Commands that make a fresh work tree ready, in order; without them, nothing.",
        examples=[["pip install -e ."]],
    )
    engines: Engines = Field(default=Engines(), description="What writes code for which role.")
    test: RunOfTests = Field(
        default=RunOfTests(), description="How the fleet runs the repository's tests."
    )
    size: Size = Field(default=Size(), description="How large a change may be.")
    scope: Scope = Field(
        default=Scope(),
        description="Where changes may be made at all; an issue can only narrow it.",
    )
    protected: tuple[Glob, ...] = Field(
        default=(),
        description="Paths whose change needs a second approval by a person, bound to the head, "
        "beside the built-in list (CI, this file, manifests, agents' and editors' settings). "
        "The built-in list cannot be shortened.",
        examples=[["deploy/**", "migrations/**"]],
    )
    checks: Checks = Field(
        default=Checks(), description="What must have passed before gate 2 opens."
    )
    review: Review = Field(
        default=Review(), description="What the reviewing agent does before people are asked."
    )
    limits: Limits = Field(
        default=Limits(),
        description="Caps. What reaches one stops with a line that says why and how to go on.",
    )
    budget: Budget = Field(
        default=Budget(),
        description="Money in US dollars, reserved before it is spent. 0: none is configured, so "
        "nothing may be spent.",
    )
    triggers: Mapping[EventName, Trigger] = Field(
        default={},
        description="Custom events that start something. What an event says is data, never an "
        "instruction, and never an approval.",
        examples=[
            {
                "custom.sentry.alert": {
                    "role": "pm-agent",
                    "schema": {
                        "properties": {"title": {"type": "string", "maxLength": 200}},
                        "required": ["title"],
                    },
                }
            }
        ],
    )
    accept: tuple[Finding, ...] = Field(
        default=(),
        description="Findings of the doctor that this repository lives with, by name; printed on "
        "every pull request.",
        examples=[["protection.none"]],
    )
