"""The job table: what is asked, picked, finished, postponed, reclaimed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.jobs import MIGRATIONS, rows
from shared.jobs.picked import Picked
from shared.jobs.rows import JOBS, STALE_AFTER, enqueue
from tests.databases import Database, begun
from tests.jobs.worlds import NOW, Look, Publish, handling

FREE = {"default": 9, "reading": 9}
SECOND = timedelta(seconds=1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with begun(database, MIGRATIONS) as session:
        yield session


def picked(session: Session, holder: str = "me", *, after: timedelta = SECOND * 0) -> list[Picked]:
    """What this holder gets now."""
    return rows.pick(session, FREE, holder, NOW + after)


def state(session: Session, name: str) -> str:
    """A job's state."""
    return str(session.execute(select(JOBS.c.state).where(JOBS.c.name == name)).scalar_one())


def test_a_job_is_done_once_for_ever(session: Session) -> None:
    assert enqueue(session, Publish(), handling(session))
    assert not enqueue(session, Publish(note="again"), handling(session))
    [job] = picked(session)
    assert not enqueue(session, Publish(), handling(session))
    rows.finish(session, job, NOW)
    assert not enqueue(session, Publish(), handling(session))
    assert picked(session) == []
    assert Publish.model_validate_json(job.payload) == Publish()


def test_a_failed_job_is_not_done_again_either(session: Session) -> None:
    enqueue(session, Publish(), handling(session))
    rows.fail(session, picked(session)[0], error="refused", now=NOW)
    assert not enqueue(session, Publish(), handling(session))
    assert picked(session) == []


def test_asked_twice_while_it_waits_is_one_with_the_newest_content(session: Session) -> None:
    enqueue(session, Look(note="first"), handling(session))
    assert enqueue(session, Look(note="second"), handling(session))
    [job] = picked(session)
    assert Look.model_validate_json(job.payload).note == "second"
    rows.finish(session, job, NOW)
    assert state(session, job.name) == "done"


def test_asked_while_it_runs_it_runs_once_more(session: Session) -> None:
    enqueue(session, Look(), handling(session))
    [first] = picked(session)
    enqueue(session, Look(note="new"), handling(session))
    enqueue(session, Look(note="newer"), handling(session))
    assert picked(session) == []
    rows.finish(session, first, NOW)
    [second] = picked(session)
    assert Look.model_validate_json(second.payload).note == "newer"
    assert (second.turn, second.attempts) == (2, 1)
    assert second.id != first.id
    rows.finish(session, second, NOW)
    assert picked(session) == []


def test_asked_while_it_runs_and_fails_for_now_it_still_runs_once_more(session: Session) -> None:
    enqueue(session, Look(), handling(session))
    [first] = picked(session)
    enqueue(session, Look(note="new"), handling(session))
    rows.postpone(session, first, until=NOW, error="away", crashed=False)
    [second] = picked(session)
    assert Look.model_validate_json(second.payload).note == "new"
    rows.finish(session, second, NOW)
    assert len(picked(session)) == 1


@pytest.mark.parametrize("end", ["done", "failed"])
def test_asked_after_its_end_it_is_done_again(session: Session, end: str) -> None:
    enqueue(session, Look(), handling(session))
    [first] = picked(session)
    if end == "done":
        rows.finish(session, first, NOW)
    else:
        rows.fail(session, first, error="no", now=NOW)
    assert enqueue(session, Look(), handling(session))
    [second] = picked(session)
    assert (second.turn, second.attempts, second.crashes) == (2, 1, 0)


def test_a_job_carries_the_story_and_the_trace(session: Session) -> None:
    enqueue(session, Publish(), handling(session))
    enqueue(session, Look(what="9"), handling(session))
    stories = {job.name: (job.correlation, job.trace) for job in picked(session)}
    assert stories == {
        "publish:a": ("octo/hello#7", "00-ab-cd-01"),
        "look:9": ("octo/hello#9", "00-ab-cd-01"),
    }


def test_lanes_have_their_own_room_and_the_oldest_goes_first(session: Session) -> None:
    for age, what in enumerate("cab"):
        enqueue(session, Publish(what=what), handling(session, NOW + age * SECOND))
        enqueue(session, Look(what=what), handling(session, NOW + age * SECOND))
    later = NOW + SECOND * 10
    some = rows.pick(session, {"default": 2, "reading": 0}, "me", later)
    assert [job.name for job in some] == ["publish:c", "publish:a"]
    rest = rows.pick(session, {"default": 1, "reading": 1}, "me", later)
    assert [job.name for job in rest] == ["publish:b", "look:c"]


def test_a_postponed_job_waits_and_counts(session: Session) -> None:
    enqueue(session, Publish(), handling(session))
    [job] = picked(session)
    rows.postpone(session, job, until=NOW + SECOND, error="away", crashed=True)
    assert picked(session) == []
    assert rows.next_due(session, NOW) == NOW + SECOND
    [again] = picked(session, after=SECOND)
    assert (again.attempts, again.crashes, again.turn) == (2, 1, 1)
    assert again.id == job.id


def test_a_new_turn_counts_from_the_beginning(session: Session) -> None:
    enqueue(session, Look(), handling(session))
    [job] = picked(session)
    rows.postpone(session, job, until=NOW, error="away", crashed=True)
    [again] = picked(session)
    rows.finish(session, again, NOW)
    enqueue(session, Look(), handling(session))
    [fresh] = picked(session)
    assert (fresh.attempts, fresh.crashes) == (1, 0)


def test_a_stale_holders_job_goes_to_another(session: Session) -> None:
    enqueue(session, Publish(), handling(session))
    picked(session, "gone")
    soon, late = STALE_AFTER - SECOND, STALE_AFTER + SECOND
    assert picked(session, "me", after=soon) == []
    assert picked(session, "gone", after=late) == []  # it knows best whether it still works on it
    [job] = picked(session, "me", after=late)
    assert job.attempts == 2


def test_what_another_has_taken_over_is_not_ended_by_the_first(session: Session) -> None:
    enqueue(session, Publish(), handling(session))
    [first] = picked(session, "slow")
    assert rows.still_mine(session, first)
    [second] = picked(session, "quick", after=STALE_AFTER + SECOND)
    assert (rows.still_mine(session, first), rows.still_mine(session, second)) == (False, True)
    rows.postpone(session, first, until=NOW, error="late", crashed=False)
    rows.fail(session, first, error="late", now=NOW)
    rows.finish(session, first, NOW)
    assert state(session, first.name) == "running"
    rows.finish(session, second, NOW)
    assert state(session, second.name) == "done"


def test_asked_while_it_runs_and_fails_for_good_it_still_runs_once_more(session: Session) -> None:
    enqueue(session, Look(), handling(session))
    [first] = picked(session)
    enqueue(session, Look(note="new"), handling(session))
    rows.fail(session, first, error="no", now=NOW)
    assert [job.turn for job in picked(session)] == [2]


def test_a_holder_that_is_heard_of_keeps_its_job(session: Session) -> None:
    enqueue(session, Publish(), handling(session))
    [job] = picked(session, "busy")
    rows.beat(session, [job.name], NOW + STALE_AFTER)
    rows.beat(session, [], NOW)
    assert picked(session, "me", after=STALE_AFTER + SECOND) == []


def test_after_a_start_a_holder_takes_its_own_up_again(session: Session) -> None:
    enqueue(session, Publish(), handling(session))
    enqueue(session, Publish(what="b"), handling(session))
    rows.pick(session, {"default": 1}, "me", NOW)
    rows.pick(session, {"default": 1}, "other", NOW)
    assert rows.reclaim(session, "me") == 1
    assert rows.reclaim(session, "me") == 0
    [job] = picked(session, "me")
    assert (job.name, job.attempts) == ("publish:a", 2)


def test_open_jobs_are_those_that_wait_or_run(session: Session) -> None:
    assert (rows.open_jobs(session), rows.next_due(session, NOW)) == (0, None)
    for what in "abc":
        enqueue(session, Publish(what=what), handling(session))
    first, second, _ = picked(session)
    assert (rows.open_jobs(session), rows.next_due(session, NOW)) == (3, None)
    rows.finish(session, first, NOW)
    rows.fail(session, second, error="no", now=NOW)
    assert rows.open_jobs(session) == 1
