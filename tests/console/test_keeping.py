"""The log and its records: one transaction, each message once, and made anew when the folds change."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import (
    Engine,
    Integer,
    String,
    Uuid,
    column,
    delete,
    func,
    insert,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Session

from services.console.asking import Asked
from services.console.keeping import events, is_current, keep, rebuild
from services.console.projecting import VERSION
from services.console.reading import counts, of_issue, repositories, story
from services.console.tables import MIGRATIONS, Event, Projected, View
from shared.bus import MemoryBus
from shared.clock import FakeClock
from shared.lifecycle import IssueState
from shared.messages import Repo, observed, work
from shared.messages.custom import CustomEvent
from shared.store import UtcDateTime, migrate
from tests.console.stories import REPO, kept, like, said, to_merged
from tests.databases import Database

STORY = to_merged()
BEFORE = table(
    "events", column("seq", Integer), column("id", Uuid), column("at", UtcDateTime),
    column("topic", String), column("sender", String), column("correlation", String),
    column("body", String),
)  # fmt: skip
"""The log as the version before had it."""


def bodies(session: Session) -> dict[tuple[str, str], object]:
    rows = session.scalars(select(View))
    return {(row.kind, row.key): json.loads(row.body) for row in rows}


def test_a_message_that_comes_again_is_kept_once_and_changes_nothing() -> None:
    with kept(*STORY) as session:
        before = bodies(session)
        assert [keep(session, word.heard()) for word in STORY] == [None] * len(STORY)
        assert session.scalar(select(func.count()).select_from(Event)) == len(STORY)
        assert bodies(session) == before


def test_places_in_the_log_go_up_one_by_one_and_the_projection_knows_the_last() -> None:
    with kept(*STORY) as session:
        assert list(session.scalars(select(Event.seq).order_by(Event.seq))) == list(
            range(1, len(STORY) + 1)
        )
        row = session.get(Projected, 1)
        assert row is not None
        assert (row.version, row.seq) == (VERSION, len(STORY))


def test_a_custom_event_is_kept_under_the_topic_that_it_was_said_on() -> None:
    with kept(*said(like(CustomEvent))) as session:
        assert counts(session) == {"custom.sentry.alert.v1": 1}
        (heard,) = events(session)
        assert heard.message == like(CustomEvent)


def test_the_story_of_an_issue_holds_what_was_said_of_its_pull_request() -> None:
    from shared.messages.observed import CheckObserved

    with kept(*STORY, *said(like(CheckObserved), start=STORY[-1].at)) as session:
        found = of_issue(session, REPO.id, {7, 8})
        assert [each.topic for each in found][-1] == CheckObserved.topic
        assert {each.topic for each in story(session, f"{REPO}#8")} == {CheckObserved.topic}


@pytest.fixture
def before(database: Database) -> Engine:
    """A store as the version before wrote it: a log with a story and no records."""
    engine = database.engine()
    migrate(engine, MIGRATIONS)
    with engine.begin() as connection:  # what the first migration alone had made
        connection.execute(text("drop table views"))
        connection.execute(text("drop table projected"))
        for index in ("events_about", "events_id"):
            connection.execute(text(f"drop index {index}"))
        connection.execute(text("alter table events drop column repository"))
        connection.execute(text("alter table events drop column number"))
        connection.execute(text("update version_console set version_num = 'console0001'"))
        connection.execute(insert(BEFORE), [
            {
                "seq": place, "id": word.id, "at": word.at, "topic": word.message.topic,
                "sender": "somebody", "correlation": word.message.correlation(),
                "body": word.message.model_dump_json(),
            }
            for place, word in enumerate((*STORY, *said(like(CustomEvent), start=STORY[-1].at)), 1)
        ])  # fmt: skip
    return engine


def test_a_log_of_the_version_before_is_kept_and_its_views_are_made(before: Engine) -> None:
    migrate(before, MIGRATIONS)
    with Session(before) as session:
        assert not is_current(session)
        rebuild(session)
        session.commit()
        assert is_current(session)
        assert Asked(session).issue(7).issue.state is IssueState.MERGED
        assert counts(session)["custom.sentry.alert.v1"] == 1
        assert len(events(session)) == len(STORY) + 1
    with kept(*STORY) as fresh, Session(before) as session:
        assert bodies(session) == bodies(fresh)
    before.dispose()


def test_other_folds_make_the_views_anew_from_the_log() -> None:
    with kept(*STORY) as session:
        right = bodies(session)
        session.execute(update(View).values(body="{}"))
        session.execute(update(Projected).values(version=VERSION + 1))
        assert rebuild(session) == len(STORY)
        session.expire_all()
        assert bodies(session) == right
        assert rebuild(session) == 0


def test_a_message_of_another_version_is_left_out_and_does_not_stop_the_rest() -> None:
    with kept(*STORY) as session:
        session.add(Event(
            seq=9999, id=uuid4(), at=STORY[-1].at, topic="gate.issue.sung.v9",
            sender="gatekeeper", correlation="", body="{}", repository="",
        ))  # fmt: skip
        session.execute(delete(Projected))
        assert rebuild(session) == len(STORY)
        assert events(session, after=len(STORY)) == []


async def test_the_service_keeps_what_it_hears_and_answers_for_it(database: Database) -> None:
    from services.console.app import assemble
    from services.console.settings import Settings
    from tests.console.desk import hear

    if database.schema is not None:
        pytest.skip("one database is enough for the wiring")
    clock = FakeClock()
    bus = MemoryBus(clock)
    console = assemble(Settings(database_url=database.url, serve=False), bus.driver(), clock)
    await console.service.start()
    await hear(bus, *STORY)
    found = await console.service.store.run(lambda session: Asked(session).issue(7))
    assert (found.issue.state, found.issue.spent.money_micros) == (IssueState.MERGED, 10_000)
    heard = await console.service.store.run(lambda session: events(session))
    assert {each.id: each.at for each in heard} == {word.id: word.at for word in STORY}
    await console.service.stop()


def test_an_event_makes_no_repository_known() -> None:
    """Anyone may name one that is not there; the commands would then not know which is meant."""
    elsewhere = Repo(owner="octo", name="hello", id="")
    event = like(CustomEvent, repo=elsewhere)
    answer = like(work.EventAnswered, repo=Repo(owner="no", name="where", id="9"))
    with kept(*said(like(observed.RepositoryObserved), event, answer)) as session:
        assert [each.known_as for each in repositories(session)] == ["octo/hello"]
        assert Asked(session).repository().triggers is not None
