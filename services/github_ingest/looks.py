"""The jobs of the ingest, all of them the same thought: look again, and say what is there now."""

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from shared.jobs import Job
from shared.messages.observed import Source

What: TypeAlias = Literal["repository", "branch", "issue", "pull_request", "commit"]


class Look(Job):
    """Read one thing whole and say it, if it is not what was said last.

    `key`: the number, the branch's name or the SHA; empty for the repository. `least`: an `updated_at`
    that the forge has named for it; an older answer comes from a replica that lags behind.
    """

    kind: ClassVar[str] = "look"
    lane: ClassVar[str] = "look"
    coalesce: ClassVar[bool] = True
    forced: ClassVar[bool] = False

    what: What
    key: str = ""
    source: Source
    least: datetime | None = None

    def scope(self) -> str:
        """What is read, whoever asks."""
        return f"{self.what}:{self.key}"

    def name(self) -> str:
        """One job for each thing: asked ten times, read once."""
        return f"{self.kind}:{self.scope()}"


class Restate(Look):
    """The same, said again even when nothing changed: a new consumer learns it, inboxes drop it."""

    kind: ClassVar[str] = "restate"
    lane: ClassVar[str] = "restate"
    forced: ClassVar[bool] = True


class Poll(Job):
    """Ask the forge what changed since the last answer."""

    kind: ClassVar[str] = "poll"
    lane: ClassVar[str] = "poll"
    coalesce: ClassVar[bool] = True

    def name(self) -> str:
        """There is one."""
        return "poll"


class Reconcile(Job):
    """Look at everything that is open, and at our own pull requests closed of late."""

    kind: ClassVar[str] = "reconcile"
    lane: ClassVar[str] = "poll"
    coalesce: ClassVar[bool] = True

    def name(self) -> str:
        """There is one."""
        return "reconcile"


class Recover(Job):
    """Ask for webhook deliveries that never arrived."""

    kind: ClassVar[str] = "recover"
    lane: ClassVar[str] = "poll"
    coalesce: ClassVar[bool] = True

    def name(self) -> str:
        """There is one."""
        return "recover"
