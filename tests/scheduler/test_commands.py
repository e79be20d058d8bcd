"""People's commands: pause, resume, cancel, retry, propose. Each once, whoever repeats it."""

from datetime import timedelta

from shared.messages.ids import implementation_run, proposals_run
from shared.messages.work import (
    ImplementationRequested,
    IssueParked,
    ProposalsRequested,
    RunCancelled,
)
from tests.scheduler.desk import Desk, kinds, only
from tests.scheduler.story import (
    REPO,
    approval,
    approved,
    command,
    finished,
    implementing,
    observed,
    opened,
    progressed,
    refused,
    revoked,
)

DAY = timedelta(days=1)


def test_a_pause_stops_and_a_resume_goes_on(desk: Desk) -> None:
    first = only(desk.hear(approved(7)), ImplementationRequested)
    desk.hear(progressed(first))
    said = desk.hear(command(7, "pause"))
    assert kinds(said) == ["RunCancelled", "IssueParked"]
    assert only(said, IssueParked).why == "maintainer paused it"
    assert only(said, IssueParked).next == "comment `/gatefleet resume`"
    assert desk.tick(2 * DAY) == []
    again = only(desk.hear(command(7, "resume", id="comment:51")), ImplementationRequested)
    assert (again.run, again.generation > first.generation) == (first.run, True)


def test_a_pause_while_the_gatekeeper_has_the_draft_waits_for_its_answer(desk: Desk) -> None:
    first = only(desk.hear(approved(7)), ImplementationRequested)
    desk.hear(progressed(first), finished(first))
    assert kinds(desk.hear(command(7, "pause"))) == ["IssueParked"]
    assert kinds(desk.hear(opened(7))) == ["RunEnded"]
    assert kinds(desk.hear(command(7, "resume", id="comment:51"))) == ["ReviewRequested"]


def test_the_refusal_of_a_paused_draft_leaves_its_run_wanted(desk: Desk) -> None:
    first = only(desk.hear(approved(7)), ImplementationRequested)
    desk.hear(progressed(first), command(7, "pause"))
    assert desk.hear(finished(first), refused(first, "stale_generation")) == []
    assert kinds(desk.hear(command(7, "resume", id="comment:51"))) == ["ImplementationRequested"]


def test_a_cancel_ends_what_runs_and_what_waits(desk: Desk) -> None:
    desk.hear(observed({"limits": {"concurrent_runs": 1}}))
    first = only(desk.hear(approved(7), approved(8)), ImplementationRequested)
    assert kinds(desk.hear(command(8, "cancel"))) == ["IssueParked"]
    said = desk.hear(command(7, "cancel", id="comment:51"))
    assert kinds(said) == ["RunCancelled", "RunEnded", "IssueParked"]
    assert only(said, RunCancelled).run == first.run
    assert desk.tick(2 * DAY) == []
    said = desk.hear(command(8, "retry", id="comment:52"))
    assert [each.run for each in said if isinstance(each, ImplementationRequested)] == [
        implementation_run(approval(8), "comment:52")
    ]
    assert len(desk.runs(issue=8, state="sent")) == 1


def test_a_retry_of_what_runs_or_waits_changes_nothing(desk: Desk) -> None:
    desk.hear(observed({"limits": {"concurrent_runs": 1}}), approved(7), approved(8))
    before = desk.rows()
    assert desk.hear(command(7, "retry"), command(8, "retry")) == []
    assert desk.rows() == before


def test_a_command_for_what_is_not_approved_changes_nothing(desk: Desk) -> None:
    words = ("pause", "resume", "cancel", "retry")
    assert desk.hear(*(command(7, word) for word in words)) == []
    desk.hear(approved(7), revoked(7))
    before = desk.rows()
    assert desk.hear(*(command(7, word) for word in words)) == []
    assert desk.rows() == before


def test_propose_asks_with_its_words_as_focus_once(desk: Desk) -> None:
    request = only(desk.hear(command(7, "propose error messages")), ProposalsRequested)
    assert request.run == proposals_run(REPO.id, "comment:50")
    assert (request.focus, request.quota) == ("error messages", 3)
    assert desk.hear(command(7, "propose error messages")) == []


def test_an_approval_has_one_run_of_its_own(desk: Desk) -> None:
    desk.hear(approved(7))
    assert [run.id for run in desk.runs()] == [implementing(7)]
