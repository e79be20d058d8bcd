"""Branches of the fleet that nobody works on go after one period; what lives is never touched (I-50)."""

from services.gatekeeper.tables import Approval, Pull
from shared.messages.gate import IssueApproved
from tests.gatekeeper.acting import Acting

PERIOD_S = 3600


async def branches(act: Acting) -> list[str]:
    return sorted(await act.world.reader.branches("gatefleet/"))


async def let_a_period_pass(act: Acting, times: int = 2) -> None:
    for _ in range(times):
        await act.world.pass_time(PERIOD_S)


async def test_i50_the_branch_of_a_merged_pull_request_goes_after_one_period(act: Acting) -> None:
    _, pull = await act.passed()
    await act.merge(pull.number)
    await act.see_pull(pull.number)
    assert await branches(act) == [pull.branch]

    await let_a_period_pass(act)

    assert await branches(act) == []


async def test_i50_what_lives_is_never_touched(act: Acting) -> None:
    _, pull = await act.opened()
    await let_a_period_pass(act, 3)
    assert await branches(act) == [pull.branch]

    await act.world.restart(forget=True)
    await act.world.settle()
    await let_a_period_pass(act, 3)
    assert await branches(act) == [pull.branch]
    assert [row.ended for row in await act.world.rows(Approval)] == [None]


async def test_i50_a_branch_with_a_persons_commit_stays(act: Acting) -> None:
    approved, pull = await act.opened()
    await act.push(pull.branch, {"note.txt": "by hand\n"})
    await act.see_pull(pull.number)
    act.unlabel(approved.issue)
    await act.see(approved.issue)
    issue = act.world.forge.issues.get(act.world.place, pull.number)
    act.world.forge.issues.close(issue, actor=act.world.person())
    await act.see_pull(pull.number)

    await let_a_period_pass(act, 3)

    assert await branches(act) == [pull.branch]


async def test_i50_a_branch_with_our_name_and_no_commit_of_ours_stays(act: Acting) -> None:
    name = "gatefleet/issue-7/0123456789ab"
    await act.push(name, {"note.txt": "by hand\n"})

    await let_a_period_pass(act, 3)

    assert await branches(act) == [name]


async def test_i50_the_pull_request_of_an_approval_that_was_forgotten_is_closed_for_a_newer_one(
    act: Acting,
) -> None:
    approved, pull = await act.opened()
    act.comment(approved.issue, "/unapprove")
    act.unlabel(approved.issue)
    await act.world.restart(forget=True)  # before anything was heard of it
    await act.world.settle()
    act.label(approved.issue)
    await act.see(approved.issue)
    assert act.world.said(IssueApproved)[-1].approval != approved.approval

    await let_a_period_pass(act)

    assert [each.number for each in await act.world.reader.open_pull_requests()] == []
    assert [each.state for each in await act.world.rows(Pull)] == ["closed"]
    await let_a_period_pass(act)
    assert pull.branch not in await branches(act)
