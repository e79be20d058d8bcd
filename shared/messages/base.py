"""What every message and value in the catalogue has in common: frozen, closed, bytes as base64."""

import re
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

NOT_THE_VERSION_BEFORE = (
    "{later} cannot be said beside {earlier}: that is not the version before it"
)
TOO_MANY_VERSIONS = (
    "{later} cannot be said beside {earlier}, which is itself said beside {first}: two versions live "
    "at a time; stop saying the oldest first"
)

_VERSION = re.compile(r"(?P<what>.+)\.v(?P<number>[1-9]\d*)")


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

    beside: ClassVar["type[Message] | None"] = None
    """The version before this one, while somebody may still hear that: whoever says this says both, and
    whoever hears both acts on the earlier one alone."""

    repo: Repo

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """TypeError when `beside` is not the version before."""
        super().__pydantic_init_subclass__(**kwargs)
        if "beside" not in vars(cls) or cls.beside is None:
            return
        if cls.beside.beside is not None:
            raise TypeError(TOO_MANY_VERSIONS.format(
                later=cls.topic, earlier=cls.beside.topic, first=cls.beside.beside.topic
            ))  # fmt: skip
        if not _follows(cls.topic, cls.beside.topic):
            raise TypeError(
                NOT_THE_VERSION_BEFORE.format(later=cls.topic, earlier=cls.beside.topic)
            )

    def earlier(self) -> "Message":
        """The same fact as the version that `beside` names, for those who know no other."""
        raise NotImplementedError(f"{type(self).__name__} has no version beside it")

    def correlation(self) -> str:
        """The story this belongs to: `owner/name#N`, before there is a number `owner/name!run`."""
        # not by getattr: asking a model for what it has not is slow, and this is asked of each
        said = self.__dict__
        number = said.get("issue") or said.get("pull_request")
        if number:
            return f"{self.repo}#{number if isinstance(number, int) else number.number}"
        run = said.get("run")
        return f"{self.repo}!{run}" if run else str(self.repo)


def authority(topic: str) -> str:
    """The first word of a topic: the authority that is needed to say it."""
    return topic.partition(".")[0]


def _follows(later: str, earlier: str) -> bool:
    """Whether one topic is the next version of another."""
    new, old = _VERSION.fullmatch(later), _VERSION.fullmatch(earlier)
    if new is None or old is None:
        return False
    return new["what"] == old["what"] and int(new["number"]) == int(old["number"]) + 1
