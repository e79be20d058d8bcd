"""The repository is the truth: the gatekeeper's database is deleted between two steps."""

from services.gatekeeper.tables import Approval, Review
from shared.messages.gate import (
    DraftRefused,
    IssueApproved,
    PullRequestEvaluated,
    ReviewPosted,
    ReviewWanted,
)
from tests.gatekeeper.acting import GREET, MENDED, Acting


async def forget(act: Acting) -> None:
    """The database is gone; everything open is published anew, as at every start."""
    await act.world.restart(forget=True)
    await act.see_repository()
    for issue in await act.world.reader.open_issues():
        await act.see(issue.number)
    for pull in await act.world.reader.open_pull_requests():
        await act.see_pull(pull.number)


async def test_an_approval_is_found_again_in_the_timeline_with_the_same_id(act: Acting) -> None:
    approved = await act.approved()
    mark = act.world.mark()
    await forget(act)

    (row,) = await act.world.rows(Approval)
    assert (row.id, row.digest, row.ended) == (approved.approval, approved.digest, None)
    assert len(await act.world.reader.comments(1)) == 1
    assert "POST /issues/1/comments" not in act.world.writes(since=mark)


async def test_a_text_that_was_shown_is_asked_for_again_and_never_taken_on_trust(
    act: Acting,
) -> None:
    eve = act.world.person("eve", "read")
    number = act.issue(by=eve).number
    act.label(number)
    await act.see(number)
    await forget(act)

    assert act.world.said(IssueApproved) == []
    assert await act.world.rows(Approval) == []


async def test_an_approval_that_was_taken_back_stays_taken_back(act: Acting) -> None:
    approved = await act.approved()
    act.comment(approved.issue, "/unapprove")
    await act.see(approved.issue)
    await forget(act)

    assert [row for row in await act.world.rows(Approval) if row.ended is None] == []


async def test_a_draft_of_a_run_that_was_carried_out_before_is_refused_and_pushes_nothing(
    act: Acting,
) -> None:
    _, pull = await act.opened()
    await forget(act)
    mark = act.world.mark()
    approved = act.world.said(IssueApproved)[-1]
    act.world.clock.advance(3600)  # another draft, another commit
    act.generation = int(act.world.clock.now().timestamp() * 1000)
    act.files[GREET.encode()] = MENDED.encode()
    await act.draft(await act.implement(approved))

    assert [each for each in act.world.writes(since=mark) if "PUSH" in each] == []
    opened = await act.world.reader.open_pull_requests()
    assert [(each.number, each.head_sha) for each in opened] == [(pull.number, pull.head)]
    assert [reason.name for each in act.world.said(DraftRefused) for reason in each.reasons] == [
        "carried_out"
    ]


async def test_i22_a_verdict_is_found_again_on_the_head_and_the_gate_stays_open(
    act: Acting,
) -> None:
    _, pull = await act.passed()
    before = act.world.said(ReviewPosted)[-1]
    await forget(act)

    (row,) = await act.world.rows(Review)
    assert (row.run, row.verdict, row.head) == (before.run, "pass", pull.head)
    assert (row.tip, row.policy_digest) == (before.tip, before.policy_digest)
    checks = [c for c in await act.world.reader.checks(pull.head) if c.name == "gatefleet/gate"]
    assert [check.conclusion for check in checks] == ["success"]


async def test_i22_a_verdict_of_another_policy_is_not_taken_over_and_is_asked_for_anew(
    act: Acting,
) -> None:
    _, pull = await act.passed()
    await act.push("main", {".gatefleet.yml": "review:\n  rounds: 2\n"})
    await forget(act)

    assert act.world.said(ReviewWanted)[-1].head == pull.head
    assert not act.world.said(PullRequestEvaluated)[-1].open
