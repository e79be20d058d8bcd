"""An open pull request outlives the gatekeeper's database, whatever became of its approval."""

from services.gatekeeper.tables import Approval, Pull
from shared.messages.gate import IssueApproved, PullRequestEvaluated, PullRequestOpened
from tests.gatekeeper.acting import Acting
from tests.gatekeeper.test_rebuilding_at_work import forget


async def held(act: Acting) -> tuple[IssueApproved, Pull]:
    """The author of an approved issue loses the role, the gatekeeper its database."""
    issue = act.issue(by=act.world.person("max", "write"))
    act.comment(issue.number, "/approve")
    await act.see(issue.number)
    (approved,) = act.world.said(IssueApproved)
    await act.draft(await act.implement(approved))
    pull = await act.pull()
    act.world.person("max", "read")
    act.world.clock.advance(120)
    await forget(act)
    await act.world.settle()
    return approved, pull


async def test_a_pull_request_whose_approval_must_be_asked_again_is_known_and_held(
    act: Acting,
) -> None:
    approved, before = await held(act)

    assert await act.world.rows(Approval) == []
    (row,) = await act.world.rows(Pull)
    assert (row.number, row.approval, row.head) == (before.number, approved.approval, before.head)
    assert (row.state, row.taken_over) == ("open", False)
    assert not act.world.said(PullRequestEvaluated)[-1].open
    assert len(act.world.said(PullRequestOpened)) == 1
    _, shown = await act.world.reader.comments(approved.issue)
    assert f"/approve {approved.digest[:8]}" in shown.body


async def test_nothing_is_pushed_under_a_pull_request_that_is_held(act: Acting) -> None:
    approved, pull = await held(act)
    mark = act.world.mark()
    act.generation = int(act.world.clock.now().timestamp() * 1000)
    await act.draft(await act.revise(approved, pull), {"src/greet.py": "A = 3\n"})

    assert [each for each in act.world.writes(since=mark) if "PUSH" in each] == []


async def test_a_new_approval_closes_the_pull_request_that_was_held(act: Acting) -> None:
    approved, old = await held(act)
    act.comment(approved.issue, f"/approve {approved.digest}")
    await act.see(approved.issue)

    assert await act.world.reader.open_pull_requests() == ()
    (row,) = await act.world.rows(Pull)
    assert (row.number, row.state) == (old.number, "closed")
    (live,) = [each for each in await act.world.rows(Approval) if each.ended is None]
    assert live.id != approved.approval
