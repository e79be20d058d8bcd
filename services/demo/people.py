"""Who answers at the two gates: a person at the terminal, or the demo playing one, which says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.demo.gates import Question
from services.demo.keys import END
from services.demo.reading import Reading
from services.demo.screen import Screen
from services.demo.telling import quoted
from shared.errors import GatefleetError

PLAYED = "--yes: this demo plays the person at both gates"
ASK_APPROVE = "Gate 1: may an agent work on #{issue} {title}?"
ASK_MERGE = "Gate 2: merge pull request #{number}, {title}?"
KEYS_APPROVE = "y yes   n no   d show the text   q stop asking"
KEYS_MERGE = "y yes   n no   d show the diff   q stop asking"
READ_TEXT = "{size}; read it: {url}"
READ_DIFF = "{size}; read the diff: {url}"
UNREADABLE = "it cannot be shown ({why}); read it: {url}"
MORE = "… {count} more line(s): {url}"
ELSEWHERE = "decided in the browser; not asked here any more"
LEFT = "left as it is; the page is {url}"
NO_MORE = "nothing more is asked; what is left waits at {url}"
LINES_SHOWN = 60


@dataclass(frozen=True)
class Decided:
    """A person's answer to one question."""

    question: Question
    yes: bool


class Pages(Protocol):
    """What a person is pointed to and shown."""

    def url(self, question: Question) -> str:
        """The page where it can be read, and decided as well."""
        ...

    def all_url(self) -> str:
        """The page of all issues."""
        ...

    async def read(self, question: Question) -> Reading:
        """What is to be read before answering."""
        ...


class Keyboard(Protocol):
    """Keys as they are pressed."""

    def take(self) -> str | None:
        """The oldest key that was not taken yet, in lower case."""
        ...

    def forget(self) -> None:
        """Drop what was pressed so far."""
        ...


class Person(Protocol):
    """Answers at the gates."""

    @property
    def asked(self) -> Question | None:
        """The question that stands on the screen, if one does."""
        ...

    async def decide(self, waiting: Sequence[Question]) -> Decided | None:
        """The answer to one of these, if there is one by now. Never waits for a key."""
        ...


@dataclass(frozen=True)
class Played:
    """Says yes to whatever the fleet can do, and leaves the rest for a person."""

    asked: None = None

    async def decide(self, waiting: Sequence[Question]) -> Decided | None:
        """Yes, unless the proposal itself says that no engine here can do it."""
        return Decided(waiting[0], waiting[0].doable) if waiting else None


class AtTerminal:
    """Asks the person who sits there, one question at a time, while the loop goes on."""

    def __init__(self, screen: Screen, keys: Keyboard, pages: Pages) -> None:
        self._screen = screen
        self._keys = keys
        self._pages = pages
        self._asked: Question | None = None
        self._has_left = False

    @property
    def asked(self) -> Question | None:
        """The question that stands on the screen, if one does."""
        return self._asked

    async def decide(self, waiting: Sequence[Question]) -> Decided | None:
        """Put the next question, or see what was pressed since the last look."""
        if self._has_left:
            return None
        standing = {question.key: question for question in waiting}
        if self._asked is not None and self._asked.key not in standing:
            self._screen.say(self._asked.issue, ELSEWHERE, "quiet")
            self._asked = None
        if self._asked is None:
            if waiting:
                await self._put(waiting[0])
            return None
        while (key := self._keys.take()) is not None:
            if key in ("y", "n"):
                return self._answered(self._asked, key == "y")
            if key == "d":
                await self._show(self._asked)
            elif key in ("q", END):
                self._leave()
                return None
        return None

    async def _put(self, question: Question) -> None:
        self._asked = question
        self._keys.forget()
        if question.note:
            self._screen.say(question.issue, question.note, "quiet")
        words = READ_TEXT if question.gate == 1 else READ_DIFF
        reading = await self._read(question)
        if reading is not None:
            line = words.format(size=reading.size, url=self._pages.url(question))
            self._screen.say(question.issue, line, "quiet")

    def _answered(self, question: Question, yes: bool) -> Decided:
        self._asked = None
        if not yes:
            url = self._pages.url(question)
            self._screen.say(question.issue, LEFT.format(url=url), "quiet")
        return Decided(question, yes)

    async def _show(self, question: Question) -> None:
        reading = await self._read(question)
        if reading is None:
            return
        self._screen.text(reading.lines[:LINES_SHOWN])
        left = len(reading.lines) - LINES_SHOWN
        if left > 0:
            more = MORE.format(count=left, url=self._pages.url(question))
            self._screen.say(question.issue, more, "quiet")

    async def _read(self, question: Question) -> Reading | None:
        try:
            return await self._pages.read(question)
        except GatefleetError as error:
            words = UNREADABLE.format(why=error, url=self._pages.url(question))
            self._screen.say(question.issue, words, "bad")
            return None

    def _leave(self) -> None:
        self._has_left = True
        self._asked = None
        self._screen.say(0, NO_MORE.format(url=self._pages.all_url()), "quiet")


def in_words(question: Question) -> str:
    """The question as it is put."""
    if question.gate == 1:
        return ASK_APPROVE.format(issue=question.issue, title=quoted(question.title))
    return ASK_MERGE.format(number=question.pull_request, title=quoted(question.title))


def keys_of(question: Question) -> str:
    """What may be pressed."""
    return KEYS_APPROVE if question.gate == 1 else KEYS_MERGE
