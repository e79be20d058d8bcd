"""`custom.*`: events that anyone may say. Untrusted data wherever it is read; never opens a gate."""

import re
from typing import ClassVar

from pydantic import Field, JsonValue, field_validator

from shared.messages.base import Message

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){0,3}")


class CustomEvent(Message):
    """Sent when anyone says `custom.<name>`: a schema in the policy says what `data` holds."""

    topic: ClassVar[str] = "custom.#"

    name: str
    """Without `custom.` and version: `sentry.alert`."""
    data: dict[str, JsonValue] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError("must be lower-case words joined by dots, e.g. sentry.alert")
        return value


def topic_of(event: CustomEvent) -> str:
    """The topic an event is said on: `custom.<name>.v1`."""
    return f"custom.{event.name}.v1"
