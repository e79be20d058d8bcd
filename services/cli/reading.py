"""Where answers come from: the console of the fleet that runs, else the console's store alone."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from services.cli.console_client import ConsoleClient
from services.cli.elsewhere import Answering, Elsewhere, client_of
from services.console.alone import opened_alone, store_at
from services.console.asking import Asked, Unanswerable
from services.console.reading import last
from services.console.settings import Settings
from services.console.shapes import Inbox, IssueAnswer, Log, Status
from services.fleet.address import find
from shared.errors import BadInput, Refused, TryLater
from shared.runtime.settings import read_settings

T = TypeVar("T")
FLEET = "fleet"
"""The fleet's own folder in the state folder."""
_BAD, _NOT_YET = 400, 503


class Answers(Protocol):
    """What can be asked, whoever answers."""

    def status(self, *, everything: bool = False) -> Status:
        """Everything at one glance."""
        ...

    def inbox(self) -> Inbox:
        """What waits for a person, oldest first."""
        ...

    def issue(self, number: int) -> IssueAnswer:
        """One issue."""
        ...

    def log(self, number: int, *, after: int = 0) -> Log:
        """The story of one issue."""
        ...


@dataclass(frozen=True)
class Source:
    """Who answers, and what is to be said of that."""

    answers: Answers
    running: Answering | None
    """None: nothing runs, and the store alone is read."""
    as_of: datetime | None
    """Of the store: when the last message was said that it holds."""
    client: ConsoleClient | None = None


@contextmanager
def source(
    state: Path, console: str | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Source]:
    """What answers for that state folder, or the console at an address elsewhere.

    Refused when nothing has ever run there. `environment`: this process's when it is left out.
    """
    if console:
        with client_of(console, os.environ if environment is None else environment) as client:
            yield Source(client, Elsewhere(console_url=console), None, client)
        return
    running = find(state)
    if running is not None and running.console_url:
        with ConsoleClient.of(running) as client:
            yield Source(client, running, None, client)
        return
    settings = read_settings(Settings, state=state / FLEET)
    with opened_alone(store_at(settings)) as session:

        def ask(question: Callable[[Asked], T]) -> T:
            try:
                return question(Asked(session))
            except Unanswerable as error:
                raise _kind(error.status)(str(error)) from None

        yield Source(_Alone(ask), None, last(session)[1])


def _kind(status: int) -> type[BadInput] | type[TryLater] | type[Refused]:
    """The same as over HTTP."""
    return BadInput if status == _BAD else TryLater if status == _NOT_YET else Refused


class _Asks(Protocol):
    def __call__(self, question: Callable[[Asked], T], /) -> T: ...


class _Alone:
    """The store alone."""

    def __init__(self, ask: _Asks) -> None:
        self._ask = ask

    def status(self, *, everything: bool = False) -> Status:
        return self._ask(lambda asked: asked.status(everything=everything))

    def inbox(self) -> Inbox:
        return self._ask(Asked.inbox)

    def issue(self, number: int) -> IssueAnswer:
        return self._ask(lambda asked: asked.issue(number))

    def log(self, number: int, *, after: int = 0) -> Log:
        return self._ask(lambda asked: asked.log(number, after=after))
