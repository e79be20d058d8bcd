"""What came of a custom event, as it is heard. Pure: messages or the console's answers in, lines out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from services.console.told.line import AGENTS, duration
from shared.messages import Message
from shared.messages.content import RunEnd, RunKind
from shared.messages.draft import IssuesProposed
from shared.messages.gate import DraftRefused, IssueOpened
from shared.messages.work import EventAnswered, RunEnded

TOPICS = tuple(
    kind.topic for kind in (EventAnswered, IssuesProposed, IssueOpened, DraftRefused, RunEnded)
)
"""What is heard on the bus of an event."""
ROLE = AGENTS[RunKind.PROPOSALS]

MOST_EARLY = 200

PROPOSES = "{role} proposes {count} issue(s)"
OPENED = "{issue} {title}"
REFUSED = "not written to the forge: {why}"
CHAIN = "{topic} → {role} → {what} ({seconds})"
PROPOSED = "{issues} proposed"
NOTHING = "nothing proposed: {why}"
NO_ANSWER = (
    "{topic}: sent, and no answer within {seconds}; is a scheduler running? "
    "`gatefleet tail work.event.#` shows the answer when it comes"
)
STILL = "{role} is still at it after {seconds}"


@dataclass
class Story:
    """One event's story so far."""

    topic: str
    event: UUID
    repository: str
    answer: str | None = None
    run: UUID | None = None
    """Of the agent that was asked; None: nobody was."""
    proposed: int | None = None
    opened: dict[int, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    end: RunEnd | None = None
    reason: str = ""
    early: list[Message] = field(default_factory=list, repr=False)
    """What was heard of runs before the answer, which says whose run is meant."""

    @property
    def taken(self) -> bool:
        """Whether somebody was asked to look."""
        return self.answer is not None and self.run is not None

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it, but what is still being written to the forge."""
        return self.answer is not None and (self.run is None or self.end is not None)

    @property
    def is_whole(self) -> bool:
        """Whether nothing more comes of it at all."""
        if not self.is_over:
            return False
        done = self.run is None or self.end is not RunEnd.DONE or bool(self.refused)
        return done or (self.proposed is not None and len(self.opened) >= self.proposed)

    def hear(self, message: Message) -> Iterator[str]:
        """Take a message in, and tell what is new in it."""
        if isinstance(message, EventAnswered):
            if message.event == self.event:
                self.run, self.repository = message.run, str(message.repo)
                yield from self.answered(message.answer)
                early, self.early = self.early, []
                for each in early:
                    yield from self.hear(each)
        elif self.answer is None:
            self.early = [*self.early[-MOST_EARLY:], message]
        elif self.run is None or getattr(message, "run", None) != self.run:
            return
        elif isinstance(message, IssuesProposed):
            yield from self.proposes(len(message.proposals))
        elif isinstance(message, IssueOpened):
            yield from self.opens(message.issue, message.title)
        elif isinstance(message, DraftRefused):
            self.refused += [each.text for each in message.reasons]
        elif isinstance(message, RunEnded):
            self.end, self.reason = message.end, message.reason

    def answered(self, answer: str) -> Iterator[str]:
        """The scheduler has answered; `run` is set before."""
        if self.answer is None:
            self.answer = answer
            if self.run is not None:
                yield answer

    def proposes(self, count: int) -> Iterator[str]:
        """The agent has so many proposals."""
        if self.proposed is None and count:
            yield PROPOSES.format(role=ROLE, count=count)
        self.proposed = count

    def opens(self, issue: int, title: str) -> Iterator[str]:
        """A proposal stands on the forge."""
        if issue not in self.opened:
            self.opened[issue] = title
            yield OPENED.format(issue=f"{self.repository}#{issue}", title=title)

    def last(self, seconds: float) -> str:
        """The one line that says what came of it, `seconds` after it was sent."""
        shown = f"{seconds:.0f} s" if seconds < 60 else duration(seconds)
        if self.answer is None:
            return NO_ANSWER.format(topic=self.topic, seconds=shown)
        if self.run is None:
            return self.answer
        if self.opened:
            issues = ", ".join(f"{self.repository}#{number}" for number in sorted(self.opened))
            what = PROPOSED.format(issues=issues)
        elif not self.is_over:
            return STILL.format(role=ROLE, seconds=shown)
        elif self.refused:
            what = REFUSED.format(why="; ".join(self.refused))
        else:
            what = NOTHING.format(why=self.reason or (self.end.value if self.end else ""))
        return CHAIN.format(topic=self.topic, role=ROLE, what=what, seconds=shown)

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "answered": self.answer is not None, "taken": self.taken, "answer": self.answer,
            "run": str(self.run) if self.run else None,
            "issues": sorted(self.opened), "refused": self.refused,
            "end": self.end.value if self.end else None, "reason": self.reason,
        }  # fmt: skip
