"""The story of an issue as people would tell it: who did what, when. Pure.

    teller = Teller()
    lines = [line for heard in story if (line := teller.tell(heard)) is not None]

It remembers what it told: what an agent says twice, and what the forge shows again, is no news.
"""

from services.console.keeping import Heard
from services.console.projecting import about
from services.console.shapes import LogLine
from services.console.told import forge, gates, work
from services.console.told.line import Told, Words
from shared.messages import Message
from shared.messages.custom import CustomEvent
from shared.messages.gate import CommandAccepted, CommandAnswered, IssueApproved

EVENT = "said {name}: {data}"
ANYONE = "somebody"
MOST_CHARACTERS = 300


class Teller:
    """Tells one story, or that of a whole repository."""

    def __init__(self) -> None:
        self._told = Told()

    def tell(self, heard: Heard) -> LogLine | None:
        """The line for a message; None for one that people need not see."""
        words = self._words(heard)
        if words is None:
            return None
        number = about(heard.message)
        return LogLine(
            seq=heard.seq, at=heard.at, who=words.who, what=_one_line(words.what), tone=words.tone,
            issue=number, source=_source(heard.message),
        )  # fmt: skip

    def _words(self, heard: Heard) -> Words | None:
        message = heard.message
        if isinstance(message, CustomEvent):
            data = ", ".join(f"{name}={value}" for name, value in sorted(message.data.items()))
            return Words(ANYONE, EVENT.format(name=message.name, data=data or "-"))
        for part in (forge.words, gates.words, work.words):
            found = part(message, self._told)
            if found is not None:
                return found
        return None


def _source(message: Message) -> str:
    """What somebody wrote on the forge that it is the answer to."""
    if isinstance(message, IssueApproved):
        return message.approver.source
    return message.id if isinstance(message, CommandAccepted | CommandAnswered) else ""


def _one_line(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"
