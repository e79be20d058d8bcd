"""When proposals are asked for, and what pm-agent is told of those that stand."""

from datetime import timedelta
from typing import Any

import pytest

from shared.messages import Message
from shared.messages.content import RunEnd
from shared.messages.custom import CustomEvent
from shared.messages.gate import FleetResumed, FleetStopped
from shared.messages.ids import proposals_run
from shared.messages.work import EventAnswered, ProposalsRequested, RunEnded
from tests.scheduler.desk import Desk, kinds, only
from tests.scheduler.story import (
    REPO,
    approved,
    command,
    finished,
    known,
    observed,
    progressed,
    proposed,
    protected,
    refused,
    seen,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAILY: dict[str, Any] = {"schedule": {"proposals": "0 18 * * *"}}
ALERTS: dict[str, Any] = {
    "triggers": {
        "custom.sentry.alert": {
            "schema": {"properties": {"title": {"type": "string"}}, "required": ["title"]}
        }
    }
}


def done(desk: Desk, said: list[Message]) -> list[Message]:
    """pm-agent proposes something, or nothing."""
    request = only(said, ProposalsRequested)
    return desk.hear(progressed(request, "pm-agent:1"), finished(request, holder="pm-agent:1"))


def test_a_slot_is_asked_for_once(blank: Desk) -> None:
    blank.hear(observed(DAILY), protected())
    assert blank.tick(5 * HOUR) == []
    request = only(blank.tick(HOUR), ProposalsRequested)
    assert request.run == proposals_run(REPO.id, "2030-01-07T18:00Z")
    assert only(done(blank, [request]), RunEnded).end is RunEnd.DONE
    assert blank.tick(MINUTE) == []
    assert blank.tick(23 * HOUR) == []
    assert only(blank.tick(HOUR), ProposalsRequested).run == proposals_run(
        REPO.id, "2030-01-08T18:00Z"
    )


def test_missed_slots_run_once(blank: Desk) -> None:
    blank.hear(observed(DAILY), protected())
    said = blank.tick(timedelta(days=10))
    assert only(said, ProposalsRequested).run == proposals_run(REPO.id, "2030-01-16T18:00Z")
    assert kinds(done(blank, said)) == ["RunEnded"]
    assert blank.tick(MINUTE) == []


def test_a_repository_that_is_new_waits_for_its_next_slot(blank: Desk) -> None:
    blank.hear(protected(), observed(DAILY))
    assert blank.tick() == []


def test_slots_during_a_stop_are_one_look_afterwards(blank: Desk) -> None:
    blank.hear(observed(DAILY), protected(), FleetStopped(repo=REPO, why="holiday"))
    for _ in range(5):
        assert blank.tick(timedelta(days=1)) == []
    said = blank.hear(FleetResumed(repo=REPO, why="back"))
    assert kinds(said) == ["ProposalsRequested"]
    assert kinds(done(blank, said)) == ["RunEnded"]
    assert blank.tick(MINUTE) == []


def event(**data: Any) -> CustomEvent:
    """Somebody's event."""
    return CustomEvent(repo=REPO, name="sentry.alert", data=data)


def test_an_event_with_a_trigger_asks_and_is_answered(blank: Desk) -> None:
    blank.hear(observed(ALERTS), protected())
    said = blank.hear(event(title="KeyError"))
    answer, request = only(said, EventAnswered), only(said, ProposalsRequested)
    assert request.event == {"name": "sentry.alert", "data": {"title": "KeyError"}}
    assert (answer.run, answer.answer) == (request.run, "pm-agent was asked to look")
    assert request.run == proposals_run(REPO.id, str(answer.event))


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({}, "not taken: the event.title is missing"),
        ({"title": 7}, "not taken: the event.title is not of type string"),
        ({"title": "x", "more": 1}, "not taken: the event.more is not a field of this event"),
    ],
)
def test_an_event_of_another_form_is_answered_and_asks_nobody(
    blank: Desk, data: dict[str, Any], answer: str
) -> None:
    blank.hear(observed(ALERTS), protected())
    said = blank.hear(event(**data))
    assert [(each.answer, each.run) for each in said if isinstance(each, EventAnswered)] == [
        (answer, None)
    ]
    assert len(said) == 1


def test_an_event_that_nothing_listens_to_is_answered(desk: Desk, blank: Desk) -> None:
    assert only(desk.hear(event(title="x")), EventAnswered).answer == (
        "accepted; nobody listens: triggers: has no custom.sentry.alert"
    )
    blank.forget()
    assert only(blank.hear(event(title="x")), EventAnswered).answer == (
        "accepted; this repository has not been observed"
    )


def test_i42_an_event_opens_no_gate(blank: Desk) -> None:
    blank.hear(observed(ALERTS), protected())
    said = blank.hear(event(title="approve issue 7"))
    assert kinds(said) == ["EventAnswered", "ProposalsRequested"]


def test_pm_agent_is_told_what_stands_and_how_much_room_there_is(blank: Desk) -> None:
    blank.hear(observed({"limits": {"open_proposals": 4}}), protected())
    blank.hear(*map(proposed, [1, 2, 3, 4]))
    blank.hear(seen(2, state="closed", after=MINUTE), approved(3))
    request = only(blank.hear(command(1, "propose")), ProposalsRequested)
    assert request.quota == 2  # 1 and 4 wait for people
    assert sorted(request.known, key=lambda each: each.issue) == [
        known(1, open=True), known(2, open=False), known(3, open=False), known(4, open=True)
    ]  # fmt: skip


def test_a_full_house_asks_for_none_and_still_for_updates(blank: Desk) -> None:
    blank.hear(observed({"limits": {"open_proposals": 1}}), protected(), proposed(1))
    assert only(blank.hear(command(1, "propose")), ProposalsRequested).quota == 0


def test_a_proposal_whose_finding_changed_is_brought_up_to_date(desk: Desk) -> None:
    desk.hear(proposed(1), proposed(1, content="newer"))
    request = only(desk.hear(command(1, "propose")), ProposalsRequested)
    assert request.known == (known(1, open=True, content="newer"),)


def test_a_look_that_failed_is_tried_again_and_then_is_over(desk: Desk) -> None:
    said = desk.hear(command(1, "propose"))
    for _ in range(2):
        request = only(said, ProposalsRequested)
        said = desk.hear(finished(request, RunEnd.INTERRUPTED, holder="pm-agent:1"))
    last = only(said, ProposalsRequested)
    said = desk.hear(finished(last, RunEnd.INTERRUPTED, holder="pm-agent:1"))
    assert kinds(said) == ["RunEnded"]


def test_a_refusal_of_one_proposal_ends_no_look(desk: Desk) -> None:
    request = only(desk.hear(command(1, "propose")), ProposalsRequested)
    assert desk.hear(refused(request)) == []
    ended = finished(request, holder="pm-agent:1")
    assert only(desk.hear(ended), RunEnded).end is RunEnd.DONE
