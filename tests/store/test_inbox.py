"""What a consumer has handled."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.store import inbox
from shared.store.tables import INBOX

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)


def test_what_is_kept_reads_as_what_was_given(session: Session) -> None:
    inbox.first_heard(session, "q", [ONE, TWO], NOW)
    rows = session.execute(select(INBOX).order_by(INBOX.c.message_id))
    assert [tuple(row) for row in rows] == [("q", ONE, NOW), ("q", TWO, NOW)]


def test_each_consumer_remembers_for_itself(session: Session) -> None:
    assert inbox.first_heard(session, "q1", [ONE], NOW) == {ONE}
    assert inbox.first_heard(session, "q2", [], NOW) == set()
    assert inbox.first_heard(session, "q1", [ONE, TWO], NOW) == {TWO}
    assert inbox.first_heard(session, "q2", [ONE, TWO], NOW) == {ONE, TWO}
    assert inbox.first_heard(session, "q1", [ONE, TWO], NOW) == set()


def test_old_memories_go_so_many_at_a_time(session: Session) -> None:
    old = [UUID(int=n) for n in range(10, 15)]
    inbox.first_heard(session, "q", old, NOW - timedelta(days=40))
    inbox.first_heard(session, "q", [TWO], NOW)
    month = NOW - timedelta(days=30)
    assert [inbox.forget(session, month, limit=3) for _ in range(3)] == [3, 2, 0]
    assert inbox.first_heard(session, "q", [*old, TWO], NOW) == set(old)


def test_what_is_heard_again_is_remembered_longer(session: Session) -> None:
    inbox.first_heard(session, "q", [ONE, TWO], NOW - timedelta(days=40))
    inbox.heard_again(session, "q", {ONE}, NOW)
    inbox.heard_again(session, "other", {TWO}, NOW)
    inbox.heard_again(session, "q", (), NOW)
    assert inbox.forget(session, NOW - timedelta(days=30), limit=9) == 1
    assert inbox.first_heard(session, "q", [ONE, TWO], NOW) == {TWO}
