"""Review, changes, revision, … until it passes or the rounds are used up."""

from datetime import timedelta

import pytest

from shared.errors import TryLater
from shared.messages import Message
from shared.messages.content import CauseKind, RunEnd, Verdict
from shared.messages.ids import revision_run
from shared.messages.work import (
    ImplementationRequested,
    IssueParked,
    ReviewRequested,
    RevisionRequested,
    RunCancelled,
    RunEnded,
)
from tests.scheduler.desk import Desk, kinds, only
from tests.scheduler.story import (
    FINDING,
    TIP,
    approval,
    approved,
    command,
    finished,
    implementing,
    observed,
    opened,
    progressed,
    protected,
    refused,
    review_wanted,
    reviewed,
    reviewing,
    revision_wanted,
    taken_over,
    updated,
)

A, B, C = "a" * 40, "b" * 40, "c" * 40
LATER_TIP = "1" * 40


@pytest.fixture
def up(desk: Desk) -> Desk:
    """A scheduler with issue 7's first change published and its review asked for."""
    request = only(desk.hear(approved(7)), ImplementationRequested)
    desk.hear(progressed(request), finished(request), opened(7))
    return desk


def judge(desk: Desk, head: str, verdict: Verdict, *, tip: str = TIP) -> list[Message]:
    """QA takes the review that is out, and its verdict is posted."""
    request = desk.request(reviewing(7, head, tip=tip))
    desk.hear(progressed(request, "qa-agent:1"), finished(request, holder="qa-agent:1"))
    return desk.hear(reviewed(7, head, verdict, tip=tip))


def revise(desk: Desk, said: list[Message], head: str) -> list[Message]:
    """dev-agent makes the revision that was asked for, and it is published."""
    request = only(said, RevisionRequested)
    desk.hear(progressed(request), finished(request))
    return desk.hear(updated(request, head))


def test_a_published_change_is_reviewed_on_its_head_and_tip(desk: Desk) -> None:
    request = only(desk.hear(approved(7)), ImplementationRequested)
    desk.hear(progressed(request), finished(request))
    said = desk.hear(opened(7))
    assert only(said, RunEnded).end is RunEnd.DONE
    review = only(said, ReviewRequested)
    assert (review.run, review.head, review.tip) == (reviewing(7, A), A, TIP)
    assert (review.pull_request, review.round, review.issue) == (107, 1, 7)
    assert desk.hear(opened(7)) == []


def test_a_pass_asks_for_nothing(up: Desk) -> None:
    assert kinds(judge(up, A, Verdict.PASS)) == ["RunEnded"]
    assert up.tick(timedelta(days=1)) == []


def test_changes_become_a_revision_with_the_findings(up: Desk) -> None:
    revision = only(judge(up, A, Verdict.CHANGES), RevisionRequested)
    assert revision.run == revision_run(approval(7), A, str(reviewing(7, A)))
    assert (revision.head, revision.round, revision.pull_request) == (A, 2, 107)
    assert (revision.cause.kind, revision.cause.findings) == (CauseKind.REVIEW, (FINDING,))
    assert up.hear(reviewed(7, A, Verdict.CHANGES)) == []


def test_the_rounds_go_on_until_they_are_used_up(desk: Desk) -> None:
    desk.hear(observed({"review": {"rounds": 2}}))
    request = only(desk.hear(approved(7)), ImplementationRequested)
    desk.hear(progressed(request), finished(request), opened(7))
    said = revise(desk, judge(desk, A, Verdict.CHANGES), B)
    assert only(said, ReviewRequested).round == 2
    said = judge(desk, B, Verdict.CHANGES)
    assert kinds(said) == ["RunEnded", "IssueParked"]
    parked = only(said, IssueParked)
    assert parked.why == "2 rounds are used up and changes are still wanted: F401 unused import"
    assert desk.tick(timedelta(days=3)) == []
    assert desk.hear(reviewed(7, B, Verdict.CHANGES)) == []
    more = only(desk.hear(command(7, "retry")), RevisionRequested)
    assert (more.round, more.head, more.cause.findings) == (3, B, (FINDING,))
    assert desk.hear(command(7, "retry")) == []  # a repeated command is one command


def test_a_verdict_that_no_round_can_mend_needs_a_person(up: Desk) -> None:
    said = judge(up, A, Verdict.FAIL)
    assert kinds(said) == ["RunEnded", "IssueParked"]
    assert "another round cannot mend: F401" in only(said, IssueParked).why
    assert only(up.hear(command(7, "retry")), RevisionRequested).cause.findings == (FINDING,)


def test_a_conflict_is_no_round(desk: Desk) -> None:
    desk.hear(observed({"review": {"rounds": 1}}))
    request = only(desk.hear(approved(7)), ImplementationRequested)
    desk.hear(progressed(request), finished(request), opened(7))
    judge(desk, A, Verdict.PASS)
    wanted = revision_wanted(7, A, kind=CauseKind.CONFLICT, id=LATER_TIP)
    revision = only(desk.hear(wanted), RevisionRequested)
    assert revision.round == 1
    said = revise(desk, [revision], B)
    assert only(said, ReviewRequested).head == B
    said = desk.hear(revision_wanted(7, B))
    assert "1 rounds are used up" in only(said, IssueParked).why


def test_a_failed_check_or_a_person_is_a_round_like_qas(up: Desk) -> None:
    judge(up, A, Verdict.PASS)
    revision = only(up.hear(revision_wanted(7, A, kind=CauseKind.PERSON)), RevisionRequested)
    assert (revision.round, revision.cause.log) == (2, "1 failed")
    assert up.hear(revision_wanted(7, A, kind=CauseKind.PERSON)) == []


def test_what_is_said_of_an_older_head_is_no_news(up: Desk) -> None:
    said = revise(up, judge(up, A, Verdict.CHANGES), B)
    before = up.rows()
    assert kinds(said) == ["RunEnded", "ReviewRequested"]
    assert up.hear(reviewed(7, A, Verdict.CHANGES), revision_wanted(7, A), opened(7)) == []
    assert up.hear(review_wanted(7, A, tip=LATER_TIP)) == []
    assert up.rows() == before


def test_what_is_said_of_a_head_that_is_not_known_yet_is_heard_later(desk: Desk) -> None:
    early = [
        opened(7), reviewed(7), revision_wanted(7), review_wanted(7, tip=LATER_TIP), taken_over(7)
    ]  # fmt: skip
    for message in early:
        with pytest.raises(TryLater, match=r"octo/hello#7: .* has not been heard of yet"):
            desk.hear(message)
    desk.hear(approved(7))
    for message in early[1:]:
        with pytest.raises(TryLater, match="has not been heard of yet"):
            desk.hear(message)
    desk.hear(*early[:3])
    assert desk.issue(7).head == A


def test_a_wanted_revision_of_a_head_that_moved_is_dropped(up: Desk) -> None:
    said = judge(up, A, Verdict.CHANGES)
    assert up.hear(revision_wanted(7, A)) == []  # waits: one run an issue
    said = revise(up, said, B)
    assert kinds(said) == ["RunEnded", "ReviewRequested"]
    judge(up, B, Verdict.PASS)
    assert up.tick(timedelta(days=1)) == []
    assert {run.state for run in up.runs()} == {"ended"}


def test_a_moved_tip_cancels_the_review_that_runs_and_asks_for_another(up: Desk) -> None:
    up.hear(progressed(up.request(reviewing(7, A)), "qa-agent:1"))
    said = up.hear(review_wanted(7, A, tip=LATER_TIP))
    assert kinds(said) == ["RunCancelled", "RunEnded", "ReviewRequested"]
    assert only(said, RunCancelled).run == reviewing(7, A)
    assert only(said, ReviewRequested).tip == LATER_TIP


def test_a_review_wanted_again_does_not_stop_a_revision(up: Desk) -> None:
    said = judge(up, A, Verdict.CHANGES)
    assert up.hear(review_wanted(7, A, tip=LATER_TIP)) == []
    said = revise(up, said, B)
    assert only(said, ReviewRequested).head == B


def test_after_a_takeover_new_heads_are_judged_and_nothing_is_written(up: Desk) -> None:
    judge(up, A, Verdict.PASS)
    up.hear(taken_over(7))
    said = up.hear(review_wanted(7, C, tip=LATER_TIP))
    assert only(said, ReviewRequested).head == C
    assert kinds(judge(up, C, Verdict.CHANGES, tip=LATER_TIP)) == ["RunEnded"]
    assert up.hear(revision_wanted(7, C)) == []


def test_a_review_that_failed_is_what_retry_does_again(up: Desk) -> None:
    review = up.request(reviewing(7, A))
    said = up.hear(finished(review, RunEnd.DECLINED, holder="qa-agent:1"))
    assert kinds(said) == ["RunEnded", "IssueParked"]
    again = only(up.hear(command(7, "retry")), ReviewRequested)
    assert again.run == review.run
    assert again.generation > review.generation
    assert up.issue(7).extra_rounds == 0


def test_a_refused_revision_is_what_retry_does_again(up: Desk) -> None:
    revision = only(judge(up, A, Verdict.CHANGES), RevisionRequested)
    up.hear(finished(revision), refused(revision))
    again = only(up.hear(command(7, "retry")), RevisionRequested)
    assert (again.run, again.cause) == (revision.run, revision.cause)


def test_a_rebuilt_scheduler_reviews_what_it_is_told_of_and_pays_for_nothing_twice(
    blank: Desk,
) -> None:
    """Everything restated, in an unhappy order, to a scheduler that has lost its database."""
    blank.hear(protected())
    assert blank.hear(approved(7), opened(7)) == []
    assert kinds(blank.hear(observed())) == ["ReviewRequested"]
    blank.forget()
    said = blank.hear(observed(), protected(), approved(7), opened(7))
    assert kinds(said) == ["ImplementationRequested", "RunCancelled", "RunEnded", "ReviewRequested"]
    assert only(said, RunCancelled).run == implementing(7)
