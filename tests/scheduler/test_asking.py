"""`custom.propose`: anyone may ask pm-agent to look now, within the limits, and is answered."""

from datetime import timedelta
from typing import Any

import pytest

from shared.messages.content import RunEnd
from shared.messages.custom import CustomEvent
from shared.messages.gate import FleetStopped
from shared.messages.work import EventAnswered, ProposalsRequested
from tests.scheduler.desk import Desk, kinds, only
from tests.scheduler.story import REPO, approved, finished, observed, proposed, protected, seen

FULL = (
    "not taken: 1 of 1 proposals wait for people (limits.open_proposals); "
    "approve or decline one first"
)


def propose(**data: Any) -> CustomEvent:
    """Somebody asks."""
    return CustomEvent(repo=REPO, name="propose", data=data)


def test_it_needs_no_trigger_and_says_which_run_looks(desk: Desk) -> None:
    said = desk.hear(propose(focus="error messages"))
    request, answer = only(said, ProposalsRequested), only(said, EventAnswered)
    assert (request.focus, request.event, request.quota) == ("error messages", None, 3)
    assert (answer.run, answer.answer) == (request.run, "pm-agent was asked to look")


def test_without_a_focus_the_policys_holds(blank: Desk) -> None:
    blank.hear(observed({"proposals": {"focus": "docs"}}), protected())
    assert only(blank.hear(propose()), ProposalsRequested).focus == "docs"


def test_it_may_have_to_wait_for_its_turn_and_says_so(blank: Desk) -> None:
    blank.hear(observed({"limits": {"concurrent_runs": 1}}), protected(), approved(7))
    answer = only(blank.hear(propose()), EventAnswered)
    assert answer.answer == "pm-agent will be asked to look when its turn comes"
    request = blank.request(blank.runs(state="sent")[0].id)
    said = blank.hear(finished(request, RunEnd.DECLINED))
    assert only(said, ProposalsRequested).run == answer.run


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"focus": 7}, "the event.focus is not of type string"),
        ({"focus": "x" * 201}, "the event.focus is longer than 200"),
        ({"more": "x"}, "the event.more is not a field of this event"),
    ],
)
def test_another_form_is_not_taken(desk: Desk, data: dict[str, Any], why: str) -> None:
    said = desk.hear(propose(**data))
    assert only(said, EventAnswered).answer == f"not taken: {why}"
    assert kinds(said) == ["EventAnswered"]


def test_i20_a_full_house_says_whom_it_waits_for(blank: Desk) -> None:
    blank.hear(observed({"limits": {"open_proposals": 1}}), protected(), proposed(1))
    said = blank.hear(propose())
    assert [(kinds(said), only(said, EventAnswered).answer)] == [(["EventAnswered"], FULL)]
    blank.hear(seen(1, state="closed", after=timedelta(minutes=1)))
    assert "ProposalsRequested" in kinds(blank.hear(propose()))


def test_i20_a_used_up_day_says_so(blank: Desk) -> None:
    blank.hear(observed({"limits": {"runs_per_day": 1}}), protected(), approved(7))
    assert only(blank.hear(propose()), EventAnswered).answer == (
        "not taken: 1 runs in 24 hours: the limit of this repository (limits.runs_per_day); "
        "raise it in .gatefleet.yml, or ask again tomorrow"
    )


def test_i19_a_stopped_fleet_says_so(desk: Desk) -> None:
    desk.hear(FleetStopped(repo=REPO, why="holiday"))
    said = desk.hear(propose())
    assert only(said, EventAnswered).answer == (
        "not taken: the fleet is stopped: holiday; "
        "`gatefleet resume`, or remove the `STOP` file or the label `gatefleet:stop`"
    )


def test_i20_however_many_ask_only_so_many_looks_wait(desk: Desk) -> None:
    answers = [only(desk.hear(propose()), EventAnswered) for _ in range(12)]
    assert sum(each.run is not None for each in answers) == 10
    assert answers[-1].answer == (
        "not taken: 10 looks wait or run already; ask again when one of them has ended"
    )


@pytest.mark.parametrize("name", ["hello", "HELLO"])
def test_who_does_not_know_the_forges_id_is_understood_by_name(desk: Desk, name: str) -> None:
    event = CustomEvent(repo=REPO.model_copy(update={"name": name, "id": ""}), name="propose")
    said = desk.hear(event)
    assert only(said, EventAnswered).repo == only(said, ProposalsRequested).repo == REPO


def test_another_name_or_another_id_is_another_repository(desk: Desk) -> None:
    for other in ({"name": "else", "id": ""}, {"id": "777"}):
        repo = REPO.model_copy(update=other)
        answer = only(desk.hear(CustomEvent(repo=repo, name="propose")), EventAnswered)
        assert (answer.repo, answer.run) == (repo, None)
        assert answer.answer == "accepted; this repository has not been observed"
