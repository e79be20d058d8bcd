"""An approval becomes one request; whatever ends it ends the work, in whatever order it is heard."""

from datetime import timedelta

from shared.messages.content import RunEnd, RunLimits
from shared.messages.gate import FleetResumed, FleetStopped
from shared.messages.work import ImplementationRequested, RunCancelled, RunEnded
from tests.scheduler.desk import Desk, kinds, only
from tests.scheduler.story import (
    NEVER,
    POLICY_DIGEST,
    REPO,
    START,
    TIP,
    approval,
    approved,
    closed,
    implementing,
    observed,
    opened,
    progressed,
    protected,
    revoked,
    snapshot,
    taken_over,
)

MINUTE = timedelta(minutes=1)
GENERATION = int(START.timestamp() * 1000)


def test_an_approved_issue_is_asked_for_at_once(desk: Desk) -> None:
    assert desk.hear(approved(7)) == [
        ImplementationRequested(
            repo=REPO, run=implementing(7), generation=GENERATION, lease_s=120.0,
            limits=RunLimits(timeout_s=2700.0, bundle_bytes=1024 * 1024), policy=NEVER,
            policy_digest=POLICY_DIGEST, default_branch="main", base_sha=TIP, issue=7,
            approval=approval(7), snapshot=snapshot(7),
        )
    ]  # fmt: skip


def test_i15_nothing_is_asked_for_before_the_repository_is_known_and_protected(blank: Desk) -> None:
    assert blank.hear(approved(7)) == []
    assert blank.hear(observed()) == []
    assert blank.hear(protected(False)) == []
    assert kinds(blank.hear(protected())) == ["ImplementationRequested"]


def test_a_restated_approval_is_no_news(desk: Desk) -> None:
    request = only(desk.hear(approved(7)), ImplementationRequested)
    before = desk.rows()
    assert desk.hear(approved(7), observed(), protected()) == []
    assert desk.rows() == before
    desk.hear(progressed(request), revoked(7))
    assert desk.hear(approved(7)) == []
    assert desk.issue(7).phase == "revoked"


def test_a_newer_approval_takes_the_place_of_the_older_one(desk: Desk) -> None:
    first = only(desk.hear(approved(7)), ImplementationRequested)
    said = desk.hear(approved(7, nth=2, after=MINUTE))
    assert kinds(said) == ["RunCancelled", "RunEnded", "ImplementationRequested"]
    assert only(said, RunCancelled).run == first.run
    assert only(said, ImplementationRequested).run == implementing(7, 2)
    assert desk.hear(approved(7)) == []  # the older one, heard again
    assert desk.issue(7).approval == approval(7, 2)


def test_i34_an_older_approval_heard_later_changes_nothing(desk: Desk) -> None:
    desk.hear(approved(7, nth=2, after=MINUTE))
    before = {name: rows for name, rows in desk.rows().items() if name != "ended_approvals"}
    assert desk.hear(approved(7)) == []
    after = desk.rows()
    assert [row[1] for row in after.pop("ended_approvals")] == ["replaced"]
    assert after == before


def test_i08_a_revocation_cancels_the_run_and_frees_its_place(desk: Desk) -> None:
    first = only(desk.hear(approved(7)), ImplementationRequested)
    desk.hear(progressed(first))
    said = desk.hear(revoked(7))
    assert said[0] == RunCancelled(
        repo=REPO, run=first.run, generation=first.generation, issue=7,
        reason="the approval ended: it was edited",
    )  # fmt: skip
    assert only(said, RunEnded).end is RunEnd.CANCELLED
    assert desk.tick(timedelta(hours=3)) == []


def test_i08_a_revocation_heard_before_its_approval_wins(desk: Desk) -> None:
    assert desk.hear(revoked(7), approved(7)) == []
    assert desk.issue(7).phase == "revoked"
    assert desk.runs() == []


def test_i34_a_close_heard_before_its_approval_wins_and_outdoes_a_revocation(desk: Desk) -> None:
    assert desk.hear(closed(7), revoked(7), approved(7)) == []
    assert desk.issue(7).phase == "merged"


def test_a_wanted_run_of_an_ended_approval_is_never_sent_under_the_next(desk: Desk) -> None:
    desk.hear(observed({"limits": {"concurrent_runs": 1}}))
    desk.hear(approved(1), approved(7), revoked(7), approved(7, nth=2, after=MINUTE))
    said = desk.hear(revoked(1))
    assert only(said, ImplementationRequested).run == implementing(7, 2)
    assert [run.state for run in desk.runs(id=implementing(7))] == ["ended"]
    assert desk.tick(MINUTE) == []


def test_a_merge_ends_everything(desk: Desk) -> None:
    desk.hear(approved(7), opened(7))
    said = desk.hear(closed(7))
    assert "RunCancelled" in kinds(said)
    assert {run.state for run in desk.runs()} == {"ended"}
    assert desk.issue(7).phase == "merged"


def test_a_person_who_takes_over_stops_the_fleet(desk: Desk) -> None:
    desk.hear(observed({"limits": {"open_pull_requests": 1}}))
    desk.hear(approved(7), approved(8), opened(7))
    said = desk.hear(taken_over(7))
    assert only(said, RunCancelled).reason == "maintainer took the pull request over"
    assert only(said, ImplementationRequested).issue == 8  # the slot is free
    assert desk.issue(7).phase == "taken_over"


def test_i19_a_stop_cancels_what_runs_and_a_resume_sends_it_again(desk: Desk) -> None:
    first = only(desk.hear(approved(7)), ImplementationRequested)
    desk.hear(progressed(first))
    said = desk.hear(FleetStopped(repo=REPO, why="label on #9"))
    assert kinds(said) == ["RunCancelled"]
    assert desk.hear(approved(8)) == []
    assert desk.tick(timedelta(hours=1)) == []
    said = desk.hear(FleetResumed(repo=REPO, why="gone"))
    again = [each for each in said if isinstance(each, ImplementationRequested)]
    assert [each.issue for each in again] == [7, 8]
    assert again[0].run == first.run
    assert again[0].generation > first.generation
    assert [run.tries for run in desk.runs()] == [0, 0]  # a stop is no try


def test_i19_a_stop_heard_before_the_repository_holds(blank: Desk) -> None:
    blank.hear(FleetStopped(repo=REPO, why="label on #9"))
    assert blank.hear(observed(), protected(), approved(7)) == []
    assert kinds(blank.hear(FleetResumed(repo=REPO, why="gone"))) == ["ImplementationRequested"]
