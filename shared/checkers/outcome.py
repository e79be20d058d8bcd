"""What a checker answers when it has no result: which of the few reasons, and words for people."""

from dataclasses import dataclass
from typing import Literal

from shared.sandbox.port import NOT_EXECUTABLE, NOT_FOUND, Finished

NOT_THERE = "{command} does not exist in the sandbox; mend `test.command` in .gatefleet.yml"
STOPPED = {
    "timed_out": "{command} was stopped after {seconds:.0f} s",
    "idle": "{command} was stopped after it had printed nothing for too long",
    "output_limit": "{command} was stopped because it printed more than is allowed",
    "out_of_memory": "{command} was stopped because it used more memory than is allowed",
    "killed": "{command} was killed",
}

Kind = Literal[
    "not_configured",
    "no_tool",
    "no_tests",
    "no_report",
    "failed",
    "timed_out",
    "idle",
    "output_limit",
    "out_of_memory",
    "killed",
]


ENDED: frozenset[Kind] = frozenset({"timed_out", "idle", "output_limit", "out_of_memory", "killed"})


@dataclass(frozen=True)
class NotRun:
    """A tool gave no result. `why` is one line for people."""

    kind: Kind
    why: str

    @property
    def was_stopped(self) -> bool:
        """It did run, and was ended: for tests that is red, not unknown."""
        return self.kind in ENDED


def stopped(finished: Finished, command: str) -> NotRun | None:
    """Why there can be no result of a command that did not come to its own end; else None."""
    if finished.ended != "exited":
        words = STOPPED[finished.ended].format(command=command, seconds=finished.seconds)
        return NotRun(finished.ended, f"{words} ({finished.reason})" if finished.reason else words)
    if finished.exit_code in (NOT_FOUND, NOT_EXECUTABLE):
        return NotRun("no_tool", NOT_THERE.format(command=command))
    return None


def last_line(output: bytes, *, limit: int = 300) -> str:
    """The last line with text in it, for a reason; empty when there is none."""
    lines = output.decode("utf-8", "replace").splitlines()
    return next((line.strip()[:limit] for line in reversed(lines) if line.strip()), "")
