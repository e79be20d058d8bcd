"""What several handlings say reaches the store together: the cost is a statement, not a message."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from shared.jobs import MIGRATIONS
from shared.jobs.commit import commit_all
from shared.jobs.rows import DONE, JOBS, enqueue, enqueue_all, finish, pick
from shared.messages.examples import REPO
from shared.messages.gate import FleetStopped
from shared.store import Handling, migrate, outbox
from shared.store.migrate import BUS
from tests.databases import Database
from tests.jobs.worlds import NOW, SPEAKER, Look, Publish, handling


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    engine = database.engine()
    migrate(engine, BUS)
    migrate(engine, MIGRATIONS)
    yield engine
    engine.dispose()


def test_a_batch_is_one_look_and_one_insert_for_each_table(engine: Engine) -> None:
    statements: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if found := re.match(r"(SELECT|INSERT|UPDATE)\b[\s\S]*?\b(?:FROM|INTO) (\w+)", statement):
            statements.append(" ".join(found.groups()))

    with Session(engine) as session, session.begin():
        said = [
            SPEAKER.seal(
                [FleetStopped(repo=REPO, why=str(n)), Publish(what=str(n))],
                Handling(session, NOW, UUID(int=n)),
            )
            for n in range(1, 51)
        ]
        commit_all(session, said)
        assert statements == ["SELECT jobs", "INSERT jobs", "INSERT outbox"]
        whys = [envelope.body for envelope in outbox.waiting(session, limit=99)]
        assert whys == [each.envelopes[0].body for each in said]
        assert len(session.scalars(select(JOBS.c.name)).all()) == 50


def test_nothing_said_is_no_statement(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        commit_all(session, [SPEAKER.seal([], handling(session))])
        assert outbox.depth(session) == 0


def test_jobs_asked_for_in_one_transaction_are_as_if_asked_one_by_one(engine: Engine) -> None:
    """Twice in it, known and done, known and to be done again: each answer as it would be alone."""
    with Session(engine) as session, session.begin():
        at = handling(session)
        for job in (Publish(what="done"), Look(what="done")):
            enqueue(session, job, at)
        for each in pick(session, {"default": 9, "reading": 9}, "me", NOW):
            finish(session, each, NOW)
        asked = [
            Publish(), Publish(note="again"), Look(), Look(note="newest"),
            Publish(what="done"), Look(what="done"), Look(what="done", note="newer"),
        ]  # fmt: skip
        taken = enqueue_all(session, [(job, at) for job in asked])
        assert taken == [True, False, True, True, False, True, True]
        rows = {row.name: row for row in session.execute(select(JOBS))}
        assert Publish.model_validate_json(rows["publish:a"].payload) == Publish()
        assert Look.model_validate_json(rows["look:a"].payload).note == "newest"
        assert rows["publish:done"].state == DONE
        again = rows["look:done"]
        assert (again.state, again.turn) == ("queued", 2)
        assert Look.model_validate_json(again.payload).note == "newer"
