"""What a coding engine is to its callers: a task goes in, a changed workspace and an end come out.

Whether the change is any good, or a change at all, is judged by the diff elsewhere: an engine that
exits 0 has not thereby done anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol

from shared.sandbox.port import Sandbox

End = Literal["done", "failed", "timed_out", "idle", "output_limit", "out_of_memory", "cancelled"]
Progress = Callable[[str], None]
"""Takes one line for people."""


@dataclass(frozen=True)
class Task:
    """What is to be changed, and where. Title, text and findings are untrusted words."""

    title: str
    text: str
    paths: tuple[str, ...]
    """Relative to the workspace; none means all of it."""
    rules: tuple[str, ...]
    round: int
    """1 for the first, one more for each revision."""
    findings: str
    """What a review asked for; empty in the first round."""
    base_sha: str


@dataclass(frozen=True)
class Usage:
    """What the run used of a model; money in millionths of the price table's currency."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money_micros: int = 0


@dataclass(frozen=True)
class EngineResult:
    """How the engine's work ended. The workspace may be changed whatever the end is."""

    end: End
    reason: str
    """For people, one line."""
    usage: Usage
    log: bytes
    """The end of what the engine wrote."""


class Engine(Protocol):
    """Something that changes code."""

    @property
    def name(self) -> str:
        """The word that a policy uses for it."""
        ...

    @property
    def model(self) -> str | None:
        """The model it works with, if it does."""
        ...

    async def work(
        self,
        task: Task,
        *,
        sandbox: Sandbox,
        workspace: Path,
        timeout: timedelta,  # noqa: ASYNC109 - held by the sandbox, on its clock
        on_progress: Progress,
    ) -> EngineResult:
        """Work on `task` in `workspace`, in `timeout` at most, all of it inside `sandbox`.

        A cancelled task propagates, with nothing left running; the caller says `cancelled` for it.
        """
        ...
