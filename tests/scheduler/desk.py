"""The scheduler's handlers by call: a real store, a clock that stands still, and what was said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.scheduler.beginning import begin
from services.scheduler.handlers import ALL
from services.scheduler.requests import Request, again
from services.scheduler.tables import MIGRATIONS, Base, Issue, Repository, Run
from services.scheduler.ticking import tick
from shared.bus.signature import Handler, read_handler
from shared.clock import FakeClock
from shared.messages import Message
from shared.messages.content import Waiting
from shared.messages.work import QueueChanged
from shared.store import Handling, migrate, open_engine

HANDLERS: tuple[Handler, ...] = ALL
REACTIONS = {each.hears: each.handler for one in HANDLERS for each in read_handler(one)}
M = TypeVar("M", bound=Message)


class Desk:
    """One scheduler. `hear` and `tick` return what it says, in order."""

    def __init__(self, start: datetime) -> None:
        self.clock = FakeClock(start)
        self._engine = open_engine("sqlite://")
        migrate(self._engine, MIGRATIONS)
        self._count = 0
        self.queues: list[QueueChanged] = []
        """What was said of the queue; no part of what `hear` and `tick` return."""
        self.start()

    def start(self, *, concurrent_runs: int = 100) -> list[Message]:
        """What a start does."""
        return self._transaction(lambda at: begin(at, concurrent_runs=concurrent_runs))

    def waiting(self) -> tuple[Waiting, ...]:
        """What waits, as it was said last."""
        return self.queues[-1].waiting

    def hear(self, *messages: Message) -> list[Message]:
        """Handle messages one after the other, each in a transaction of its own."""
        said: list[Message] = []
        for message in messages:
            said += self._transaction(REACTIONS[type(message)], message)
        return said

    def tick(self, after: timedelta = timedelta(0)) -> list[Message]:
        """Let time pass, and tick."""
        self.clock.advance(after.total_seconds())
        return self._transaction(tick)

    def runs(self, **having: object) -> list[Run]:
        """Its runs, oldest first."""
        with Session(self._engine, expire_on_commit=False) as session:
            query = select(Run).filter_by(**having).order_by(Run.wanted_at, Run.kind, Run.id)
            return list(session.scalars(query))

    def run(self, identity: UUID) -> Run:
        """One run."""
        return self.runs(id=identity)[0]

    def request(self, identity: UUID) -> Request:
        """A run's request as it was sent last."""
        run = self.run(identity)
        assert run.state in ("sent", "held"), run.state
        with Session(self._engine) as session:
            found = again(session, session.get_one(Repository, run.repo_id), run)
        assert found is not None
        return found

    def issue(self, number: int) -> Issue:
        """One issue."""
        with Session(self._engine, expire_on_commit=False) as session:
            return session.scalars(select(Issue).filter_by(number=number)).one()

    def issues(self) -> list[Issue]:
        """Every issue, by number."""
        with Session(self._engine, expire_on_commit=False) as session:
            return list(session.scalars(select(Issue).order_by(Issue.number)))

    def forget(self) -> None:
        """Begin anew with empty tables."""
        with Session(self._engine) as session, session.begin():
            for table in Base.metadata.sorted_tables:
                session.execute(table.delete())
        self.start()

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, without an order."""
        with Session(self._engine) as session:
            return {
                table.name: sorted(map(tuple, session.execute(select(table)).all()), key=str)
                for table in Base.metadata.sorted_tables
            }

    def _transaction(self, handler: Any, *arguments: object) -> list[Message]:
        self._count += 1
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            at = Handling(session, self.clock.now(), uuid5(UUID(int=1), str(self._count)))
            said: Sequence[Message] = handler(*arguments, at) or ()
        self.queues += [each for each in said if isinstance(each, QueueChanged)]
        return [each for each in said if not isinstance(each, QueueChanged)]


def only(said: list[Message], kind: type[M]) -> M:
    """The one message of a kind among what was said."""
    found = [each for each in said if isinstance(each, kind)]
    assert len(found) == 1, said
    return found[0]


def kinds(said: list[Message]) -> list[str]:
    """What was said, by name."""
    return [type(each).__name__ for each in said]
