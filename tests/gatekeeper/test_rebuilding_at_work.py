"""The repository is the truth: the gatekeeper's database is deleted between two steps."""

from services.gatekeeper.tables import Approval
from shared.messages.gate import IssueApproved, PullRequestOpened
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


async def test_a_branch_that_was_pushed_before_is_neither_pushed_over_nor_opened_twice(
    act: Acting,
) -> None:
    _, pull = await act.opened()
    await forget(act)
    mark = act.world.mark()
    approved = act.world.said(IssueApproved)[-1]
    act.world.clock.advance(3600)  # another draft, another commit
    act.files[GREET.encode()] = MENDED.encode()
    await act.draft(await act.implement(approved))

    assert [each for each in act.world.writes(since=mark) if "PUSH" in each] == []
    opened = await act.world.reader.open_pull_requests()
    assert [(each.number, each.head_sha) for each in opened] == [(pull.number, pull.head)]
    assert len(act.world.said(PullRequestOpened)) == 1


async def test_i30_the_gate_of_a_pull_request_that_was_forgotten_is_not_open(act: Acting) -> None:
    _, pull = await act.passed()
    await forget(act)

    checks = await act.world.reader.checks(pull.head)
    gate = max((c for c in checks if c.name == "gatefleet/gate"), key=lambda check: check.id)
    assert gate.conclusion is None
