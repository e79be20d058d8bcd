"""The sections about people: who approves and how, and which labels say what."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from shared.policy.names import Label, Role
from shared.policy.section import Section
from shared.policy.units import Duration, between

SAME_LABEL = "uses one label twice ({label}); give each its own"
NO_PRIORITIES_TWICE = "names {name} twice; keep one"


class Labels(Section):
    """Labels that the fleet reads. States are shown by `gatefleet:…` labels, which are fixed."""

    proposed: Label = Field(
        default="proposed",
        description="On issues that the fleet proposed, and on those that people put forward.",
        examples=["proposed"],
    )
    approved: Label = Field(
        default="approved",
        description="Set by a person who may approve, it asks for an approval. It is no approval.",
        examples=["approved"],
    )
    priority_prefix: Label = Field(
        default="priority:",
        description="What a priority label starts with.",
        examples=["priority:"],
    )
    priorities: tuple[Label, ...] = Field(
        default=("critical", "high", "medium", "low"),
        min_length=1,
        max_length=10,
        description="What follows the prefix, most urgent first. "
        "An issue without such a label counts as the middle one.",
        examples=[["high", "medium", "low"]],
    )

    @model_validator(mode="after")
    def _are_distinct(self) -> Self:
        names = [self.proposed.lower(), self.approved.lower()]
        if names[0] == names[1]:
            raise ValueError(SAME_LABEL.format(label=self.approved))
        seen: set[str] = set()
        for name in self.priorities:
            if name.lower() in seen:
                raise ValueError(NO_PRIORITIES_TWICE.format(name=name))
            seen.add(name.lower())
        return self

    def rank(self, labels: frozenset[str]) -> int:
        """The place of an issue with these labels, 0 is most urgent. Of several the most urgent."""
        worn = {label.lower() for label in labels}
        prefix = self.priority_prefix.lower()
        places = [
            place for place, name in enumerate(self.priorities) if prefix + name.lower() in worn
        ]
        return min(places, default=len(self.priorities) // 2)


class Roles(Section):
    """Who may do what. A role is read from the forge at the moment of the decision."""

    approve: tuple[Role, ...] = Field(
        default=("write", "maintain", "admin"),
        min_length=1,
        description="Roles whose people may approve issues. Custom roles count by their names.",
        examples=[["maintain", "admin", "release-captain"]],
    )


class Approval(Section):
    """How an approval is given and how long it lasts."""

    ttl: Annotated[Duration, AfterValidator(between(timedelta(hours=1), timedelta(days=365)))] = (
        Field(
            default=timedelta(days=14),
            description="An approval ends this long after it was given.",
            examples=["14d"],
        )
    )
    quiet_s: int = Field(
        default=120,
        ge=0,
        le=86_400,
        description="Seconds for which the shown text must have stood unchanged before a label or "
        "a bare `/approve` counts.",
        examples=[120],
    )
    four_eyes: bool = Field(
        default=False,
        description="The approver may neither be the issue's author nor the one who merges.",
        examples=[True],
    )
