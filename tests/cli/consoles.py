"""State folders as a console left them, or with one that answers, for the commands that read."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

from sqlalchemy.orm import Session

from services.cli.page import Page
from services.console.keeping import keep
from services.console.tables import MIGRATIONS
from services.fleet.address import Running, leave
from shared.messages import Message, content, draft, gate, observed, work
from shared.messages.examples import AT
from shared.runtime.holding import hold
from shared.store import migrate, open_engine
from tests.console.desk import Desk, desk
from tests.console.stories import Word, edited, like, said

TITLE = "Say in `README.md` under which licence it may be used, and how to use it \x1b[31m\nat all"
REVIEWED = content.GateInput(name="review", value="pass", cause="passed")


def several() -> tuple[Word, ...]:
    """One issue in each group, and one that is a stranger's."""
    messages: list[Message] = [like(observed.RepositoryObserved), like(gate.RepositoryEvaluated)]
    for number in range(1, 6):
        messages += [
            like(gate.IssueOpened, issue=number, title=f"{TITLE} {number}"),
            edited(number=number, title=f"{TITLE} {number}"),
        ]
        if number > 1:
            messages.append(like(gate.IssueApproved, issue=number))
    at = {"issue": 3}
    messages += [
        like(work.QueueChanged, at=AT, waiting=(
            content.Waiting(issue=2, kind=content.RunKind.IMPLEMENTATION, place=1),
        )),
        like(work.ImplementationRequested, **at),
        like(draft.RunProgressed, **at, usage=content.Usage(seconds=42.0, money_micros=120_000)),
        like(work.IssueParked, issue=4, until=AT, why="the model's quota is used up"),
        like(gate.PullRequestOpened, issue=5, pull_request=8),
        like(gate.PullRequestClosed, issue=5, pull_request=8),
        edited(number=6, title="Somebody's own", labels=()),
    ]  # fmt: skip
    return said(*messages)


def left(state: Path, words: Sequence[Word]) -> Path:
    """The store of a fleet that has stopped."""
    folder = state / "fleet" / "databases"
    folder.mkdir(parents=True)
    engine = open_engine(f"sqlite:///{folder / 'console.db'}")
    migrate(engine, MIGRATIONS)
    with Session(engine) as session, session.begin():
        for word in words:
            keep(session, word.heard())
    engine.dispose()
    return folder / "console.db"


@asynccontextmanager
async def alive(state: Path, words: Sequence[Word]) -> AsyncIterator[Desk]:
    """A console that answers, found by what `up` leaves in the state folder."""
    state.mkdir(parents=True, exist_ok=True)
    with hold(state, "up"):
        async with desk(state / "fleet", *words) as here:
            leave(state, Running(
                version="0", pid=4711, repository="octo/hello", forge_url="http://127.0.0.1:1",
                pages="http://127.0.0.1:1", console_url=here.console.server.url,
                console_token_file=here.console.server.token_path, since=AT,
            ))  # fmt: skip
            yield here


async def told(*arguments: str) -> int:
    """The command in this process, while the console goes on answering."""
    from services.cli.commands import run

    return await asyncio.to_thread(run, arguments)


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal(width: int) -> tuple[Page, Terminal]:
    """A page on a terminal that wide."""
    stream = Terminal()
    return Page(stream, environment={"TERM": "xterm", "COLUMNS": str(width)}), stream
