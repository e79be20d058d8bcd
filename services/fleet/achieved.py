"""What a pass of the fleet came to. Pure: messages in, lines and figures out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from services.fleet.circumstances import waits
from shared.messages import Message
from shared.messages.content import Verdict
from shared.messages.gate import (
    IssueOpened,
    PullRequestClosed,
    PullRequestOpened,
    PullRequestUpdated,
    ReviewPosted,
)
from shared.messages.work import IssueParked

PROPOSED = "proposed #{issue}: {title}"
OPENED = "opened pull request #{pull} for #{issue}"
PUSHED = "pushed round {round} to pull request #{pull} for #{issue}"
PASSED = "reviewed pull request #{pull}: passed"
CHANGES = "reviewed pull request #{pull}: asks for changes"
MERGED = "pull request #{pull} for #{issue} is merged"
CLOSED = "pull request #{pull} for #{issue} is closed"
RESTS = "#{issue} rests: {why}"
NOTHING = "nothing to do"
SECONDS = "{what}; {waiting}; {seconds:.0f} s"
DONE = "done"


@dataclass(frozen=True)
class Step:
    """One thing that was done: which kind, on what, in words."""

    kind: str
    issue: int
    line: str
    pull_request: int | None = None


@dataclass(frozen=True)
class Achieved:
    """The whole pass."""

    repository: str
    steps: tuple[Step, ...]
    waiting: int
    seconds: float
    reasons: tuple[str, ...] = ()
    """Why it is not done; empty: it is."""
    troubles: tuple[str, ...] = ()
    """What keeps the fleet from its work, each with its mend."""
    code: int = field(default=0)

    def lines(self) -> list[str]:
        """For people; the last one says how it ended."""
        told = [step.line for step in self.steps] or [NOTHING]
        ending = "; ".join(self.reasons) or DONE
        last = SECONDS.format(what=ending, waiting=waits(self.waiting), seconds=self.seconds)
        return [*told, *self.troubles, last]

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "repository": self.repository,
            "done": not self.reasons,
            "reasons": list(self.reasons),
            "troubles": list(self.troubles),
            "steps": [
                {"kind": s.kind, "issue": s.issue, "pull_request": s.pull_request, "line": s.line}
                for s in self.steps
            ],
            "waiting": self.waiting,
            "seconds": round(self.seconds, 1),
        }


def steps(heard: Iterable[Message], worked_here: frozenset[UUID]) -> tuple[Step, ...]:
    """What was done, in order. Of runs that nobody here worked on, it was only learnt again."""
    found = (_step(message) for message in heard if _is_ours(message, worked_here))
    return tuple(step for step in found if step is not None)


def _is_ours(message: Message, worked_here: frozenset[UUID]) -> bool:
    run = getattr(message, "run", None)
    return run is None or run in worked_here


def _step(message: Message) -> Step | None:
    match message:
        case IssueOpened():
            line = PROPOSED.format(issue=message.issue, title=" ".join(message.title.split()))
            return Step("proposed", message.issue, line)
        case PullRequestOpened():
            return _of_pull(message, "opened", OPENED)
        case PullRequestUpdated():
            return _of_pull(message, "pushed", PUSHED)
        case ReviewPosted():
            words = PASSED if message.verdict is Verdict.PASS else CHANGES
            return _of_pull(message, "reviewed", words)
        case PullRequestClosed():
            return _of_pull(
                message, *(("merged", MERGED) if message.merged else ("closed", CLOSED))
            )
        case IssueParked():
            line = RESTS.format(issue=message.issue, why=" ".join(message.why.split()))
            return Step("rests", message.issue, line)
    return None


def _of_pull(
    message: PullRequestOpened | PullRequestUpdated | ReviewPosted | PullRequestClosed,
    kind: str, words: str,
) -> Step:  # fmt: skip
    line = words.format(
        issue=message.issue, pull=message.pull_request, round=getattr(message, "round", 0)
    )
    return Step(kind, message.issue, line, message.pull_request)
