"""What every message and value in the catalogue has in common: frozen, closed, bytes as base64."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value inside a message. Unknown fields are errors, never ignored."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )


class Repo(Value):
    """A repository: `owner/name` for people, `id` (the forge's own, as text) for identity."""

    owner: str
    name: str
    id: str

    def __str__(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


class Message(Value):
    """A fact in the past tense. The first line of each docstring says when it is sent."""

    topic: ClassVar[str]
    restated: ClassVar[bool] = False
    """True: its id comes from its content, so that it can be said again and is heard once."""

    repo: Repo

    def correlation(self) -> str:
        """The story this belongs to: `owner/name#N`, before there is a number `owner/name!run`."""
        number = getattr(self, "issue", None) or getattr(self, "pull_request", None)
        if number:
            return f"{self.repo}#{number if isinstance(number, int) else number.number}"
        run = getattr(self, "run", None)
        return f"{self.repo}!{run}" if run else str(self.repo)


def authority(topic: str) -> str:
    """The first word of a topic: the authority that is needed to say it."""
    return topic.partition(".")[0]
